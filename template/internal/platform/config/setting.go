package config

import (
	"cmp"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/agext/levenshtein"
	"github.com/alecthomas/units"
	"github.com/knadh/koanf/v2"
)

// Bytes is a size in powers of 1024, such as 64KiB or 10MiB.
type Bytes = units.Base2Bytes

// MiB is a mebibyte.
const MiB = units.MiB

// Problem is a value that is not allowed.
type Problem struct {
	Key     string
	Value   string // shown unless it is empty; Load masks secrets
	Allowed string // completes "must be …"
}

// Require refuses a value unless it is ok. Allowed completes "must be …".
func Require(ok bool, key string, value any, allowed string) []Problem {
	if ok {
		return nil
	}
	return []Problem{{key, fmt.Sprint(value), allowed}}
}

// setting is a leaf of the configuration's struct: text, a number, a boolean, a duration or a size, but no list.
type setting struct {
	value  any
	tag    reflect.StructTag
	secret bool
}

type settings map[string]setting // by key

// settingsOf returns the settings of a struct. The entries of a map are those in the file, or else those of the struct.
func settingsOf(config any, content *koanf.Koanf) settings {
	found := settings{}
	var visit func(key string, v reflect.Value, tag reflect.StructTag)
	visit = func(key string, v reflect.Value, tag reflect.StructTag) {
		switch v.Kind() {
		case reflect.Struct:
			for field, value := range v.Fields() {
				if name, option, _ := strings.Cut(field.Tag.Get("koanf"), ","); name != "" || option == "squash" {
					visit(strings.Trim(key+"."+name, "."), value, field.Tag)
				}
			}
		case reflect.Map:
			if names := content.MapKeys(key); len(names) > 0 {
				v = reflect.MakeMap(v.Type())
				for _, name := range names {
					if content.Get(key+"."+name) != nil {
						v.SetMapIndex(reflect.ValueOf(name), reflect.Zero(v.Type().Elem()))
					}
				}
			}
			for name, value := range v.Seq2() {
				visit(key+"."+name.String(), value, tag)
			}
		default:
			found[key] = setting{v.Interface(), tag, tag.Get("secret") == "true"}
		}
	}
	visit("", reflect.ValueOf(config), "")
	return found
}

// problems refuses what the fields' tags don't allow: values outside min and max, and texts other than oneof. A bound is a
// value, or the name of another setting in the group. A duration must be positive unless its min says otherwise.
func (s settings) problems() (found []Problem) {
	for key, it := range s {
		least, low := s.bound(key, "min")
		most, high := s.bound(key, "max")
		choices := it.tag.Get("oneof")
		_, isDuration := it.value.(time.Duration)
		switch {
		case choices != "":
			known := slices.Contains(strings.Split(choices, "|"), fmt.Sprint(it.value))
			found = append(found, Require(known, key, it.value, "one of "+strings.ReplaceAll(choices, "|", ", "))...)
		case high != "":
			fits := least <= number(it.value) && number(it.value) <= most
			found = append(found, Require(fits, key, it.value, "between "+low+" and "+high)...)
		case low != "":
			found = append(found, Require(number(it.value) >= least, key, it.value, "at least "+low)...)
		case isDuration:
			found = append(found, Require(number(it.value) > 0, key, it.value, "a duration greater than 0s")...)
		}
	}
	return found
}

// bound returns a bound of a setting with its text, which is empty if there is none. It panics if the tag is malformed.
func (s settings) bound(key, tag string) (value float64, text string) {
	text = s[key].tag.Get(tag)
	if text == "" {
		return 0, ""
	}
	named := key[:strings.LastIndex(key, ".")+1] + text
	if other, ok := s[named]; ok {
		return number(other.value), fmt.Sprintf("%s (%v)", named, other.value)
	}
	parsed, err := parse(text, s[key].value)
	if err != nil {
		panic(fmt.Sprintf("%s of %s: %v", tag, key, err))
	}
	return number(parsed), text
}

func number(value any) float64 {
	return reflect.ValueOf(value).Convert(reflect.TypeFor[float64]()).Float()
}

// parse returns the value of the same type as like that a text stands for.
func parse(text, like any) (any, error) {
	values, target := koanf.New("."), reflect.New(reflect.TypeOf(like))
	_ = values.Set("value", text) // fails only if koanf is strict
	err := values.Unmarshal("value", target.Interface())
	return target.Elem().Interface(), err
}

// allowed says what a value that can't be parsed must be, by the type of its setting.
var allowed = map[string]string{
	"time.Duration": "a duration such as 30s", "units.Base2Bytes": "a size such as 10MiB", "bool": "true or false", "float64": "a number",
}

// display returns a value as people may see it: without secrets, and of URLs only scheme and host, since paths hold tokens.
func display(value any, secret bool) string {
	text := fmt.Sprint(value)
	if secret && text != "" {
		return "***"
	}
	text = regexp.MustCompile(`://\S*@`).ReplaceAllString(text, "://")
	return regexp.MustCompile(`(://[^/\s]+/)\S+`).ReplaceAllString(text, "$1…")
}

// suggest returns the known name that is most like a name, as a question.
func suggest(name string, known []string) string {
	likeness := func(other string) float64 { return levenshtein.Match(name, other, nil) }
	best := slices.MaxFunc(known, func(a, b string) int { return cmp.Compare(likeness(a), likeness(b)) })
	if likeness(best) < 0.5 {
		return ""
	}
	return " (did you mean " + best + "?)"
}
