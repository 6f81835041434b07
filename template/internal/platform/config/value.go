package config

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// parse converts what a source gave (text, or a scalar or list out of YAML) to a value of type t. If that is impossible
// it says what is allowed.
func parse(raw any, t reflect.Type) (value any, allowed string) {
	target := reflect.New(t).Elem()
	if isText(t) {
		return parseText(raw, target)
	}
	if t == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(scalar(raw))
		if err != nil {
			return nil, "a duration such as 300ms, 30s or 5m"
		}
		return d, ""
	}
	switch t.Kind() {
	case reflect.String:
		text, ok := raw.(string)
		if !ok {
			return nil, "text (numbers and booleans in quotes)"
		}
		target.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(scalar(raw))
		if err != nil {
			return nil, "true or false"
		}
		target.SetBool(b)
	case reflect.Slice:
		return parseList(raw, target)
	default:
		return parseNumber(scalar(raw), target)
	}
	return target.Interface(), ""
}

func parseText(raw any, target reflect.Value) (value any, allowed string) {
	pointer := target.Addr().Interface()
	text, ok := pointer.(encoding.TextUnmarshaler)
	if ok && text.UnmarshalText([]byte(scalar(raw))) == nil {
		return target.Interface(), ""
	}
	if teller, ok := pointer.(interface{ Allowed() string }); ok {
		return nil, teller.Allowed()
	}
	return nil, "a valid " + strings.ToLower(target.Type().Name())
}

func parseNumber(text string, target reflect.Value) (value any, allowed string) {
	bits := target.Type().Bits()
	switch {
	case target.CanInt():
		n, err := strconv.ParseInt(text, 10, bits)
		if err != nil {
			return nil, "a whole number"
		}
		target.SetInt(n)
	case target.CanUint():
		n, err := strconv.ParseUint(text, 10, bits)
		if err != nil {
			return nil, "a whole number of at least 0"
		}
		target.SetUint(n)
	default:
		n, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return nil, "a number"
		}
		target.SetFloat(n)
	}
	return target.Interface(), ""
}

func parseList(raw any, target reflect.Value) (value any, allowed string) {
	const list = "a list of texts, in the environment separated by commas"
	var items []string
	switch given := raw.(type) {
	case string:
		for item := range strings.SplitSeq(given, ",") {
			items = append(items, strings.TrimSpace(item))
		}
	case []any:
		for _, item := range given {
			text, ok := item.(string)
			if !ok {
				return nil, list
			}
			items = append(items, text)
		}
	default:
		return nil, list
	}
	for _, item := range items {
		target.Set(reflect.Append(target, reflect.ValueOf(item).Convert(target.Type().Elem())))
	}
	return target.Interface(), ""
}

// scalar returns the text of a scalar and, for lists and groups, a text that no type accepts.
func scalar(raw any) string {
	switch given := raw.(type) {
	case string:
		return given
	case bool, int, int64, uint64, float64:
		return fmt.Sprint(given)
	}
	return "not a scalar"
}

// display returns a value as text for people: secrets masked, passwords in URLs too.
func display(value any, secret bool) string {
	text := ""
	switch given := value.(type) {
	case nil:
	case []any:
		parts := make([]string, len(given))
		for i, item := range given {
			parts[i] = display(item, secret)
		}
		text = strings.Join(parts, ",")
	case []string:
		text = strings.Join(given, ",")
	case map[string]any:
		return "a group" // its values may be secrets that stand in the wrong place
	default:
		text = fmt.Sprint(plain(given))
	}
	if secret && text != "" {
		return mask
	}
	return withoutPassword(text)
}

func withoutPassword(text string) string {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return text
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return mask // the password may be what made it unreadable
	}
	if parsed.User != nil {
		parsed.User = url.User("redacted")
	}
	return parsed.String()
}
