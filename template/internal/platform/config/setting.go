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

// Units of size.
const (
	KiB = units.KiB
	MiB = units.MiB
	GiB = units.GiB
)

// Problem is a value that is not allowed.
type Problem struct {
	Key     string
	Value   string // shown unless it is empty; Load masks secrets
	Allowed string // completes "must be …"
}

// Between refuses a value outside low to high, both allowed.
func Between[T cmp.Ordered](key string, value, low, high T) []Problem {
	return Require(low <= value && value <= high, key, value, fmt.Sprintf("between %v and %v", low, high))
}

// Minimum refuses a lower value.
func Minimum[T cmp.Ordered](key string, value, least T) []Problem {
	return Require(value >= least, key, value, fmt.Sprintf("at least %v", least))
}

// Positive refuses a duration of zero or less.
func Positive(key string, value time.Duration) []Problem {
	return Require(value > 0, key, value, "a duration greater than 0s")
}

// OneOf refuses a value that is not among the allowed ones.
func OneOf(key, value string, allowed ...string) []Problem {
	return Require(slices.Contains(allowed, value), key, value, "one of "+strings.Join(allowed, ", "))
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
	value  any // the default
	usage  string
	secret bool
}

// settingsOf returns the settings of a struct by key. The entries of a map are those in the file, or else the default ones.
func settingsOf(config any, content *koanf.Koanf) map[string]setting {
	found := map[string]setting{}
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
			found[key] = setting{v.Interface(), tag.Get("usage"), tag.Get("secret") == "true"}
		}
	}
	visit("", reflect.ValueOf(config), "")
	return found
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
