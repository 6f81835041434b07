package config

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
)

// wildcard stands in a path for any name in a map, as in channels.*.url.
const wildcard = "*"

// field is one setting that the configuration's struct has.
type field struct {
	path   []string
	typ    reflect.Type
	secret bool
	usage  string
}

func (f field) key() string { return strings.Join(f.path, ".") }

// schema is what the configuration's struct can hold, in the order of its fields.
type schema struct{ fields []field }

// schemaOf reads a struct's fields. An error is a mistake in the struct, not in what a user wrote.
func schemaOf(t reflect.Type) (schema, error) {
	var s schema
	return s, s.add(t, nil)
}

func (s *schema) add(t reflect.Type, prefix []string) error {
	for i := range t.NumField() {
		f := t.Field(i)
		name, squash := keyOf(f)
		if name == "-" || (!f.IsExported() && !squash) {
			continue
		}
		path := prefix
		if !squash {
			path = slices.Concat(prefix, []string{name})
		}
		err := s.addField(field{path: path, typ: f.Type, secret: f.Tag.Get("secret") == "true", usage: f.Tag.Get("usage")})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *schema) addField(f field) error {
	switch {
	case isLeaf(f.typ):
		s.fields = append(s.fields, f)
		return nil
	case f.typ.Kind() == reflect.Struct:
		return s.add(f.typ, f.path)
	case f.typ.Kind() == reflect.Map && f.typ.Key().Kind() == reflect.String:
		f.path = slices.Concat(f.path, []string{wildcard})
		f.typ = f.typ.Elem()
		return s.addField(f)
	}
	return fmt.Errorf("reading the configuration's struct: %s has the type %s, which cannot be configured", f.key(), f.typ)
}

// keyOf returns the field's name in keys, and whether it has none because its fields are its parent's.
func keyOf(f reflect.StructField) (name string, squash bool) {
	name, options, _ := strings.Cut(f.Tag.Get("koanf"), ",")
	if name == "" {
		name = strings.ToLower(f.Name[:1]) + f.Name[1:]
	}
	return name, options == "squash"
}

func isLeaf(t reflect.Type) bool {
	if isText(t) || t == reflect.TypeFor[time.Duration]() {
		return true
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return true
	case reflect.Slice:
		return t.Elem().Kind() == reflect.String
	}
	return false
}

func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// find returns the field that key is a value of.
func (s schema) find(key string) (field, bool) {
	path := strings.Split(key, ".")
	for _, f := range s.fields {
		if len(f.path) == len(path) && matches(f.path, path) {
			return f, true
		}
	}
	return field{}, false
}

// hasGroup reports whether keys can begin with key and a dot, and whether key itself is a name in a map.
func (s schema) hasGroup(key string) (group, entry bool) {
	path := strings.Split(key, ".")
	for _, f := range s.fields {
		if len(f.path) > len(path) && matches(f.path, path) {
			return true, f.path[len(path)-1] == wildcard
		}
	}
	return false, false
}

func matches(pattern, path []string) bool {
	for i, name := range path {
		if pattern[i] != wildcard && pattern[i] != name {
			return false
		}
	}
	return true
}

// keys returns the keys of all settings, in order; a wildcard stands for the given names, by the key of its map.
func (s schema) keys(names map[string][]string) []string {
	var keys []string
	for _, f := range s.fields {
		keys = append(keys, expand("", f.path, names)...)
	}
	return keys
}

// names returns the keys and the groups that they are in.
func (s schema) names(inMaps map[string][]string) []string {
	names := s.keys(inMaps)
	for _, key := range slices.Clone(names) {
		for group := key; strings.Contains(group, "."); {
			group = group[:strings.LastIndex(group, ".")]
			names = append(names, group)
		}
	}
	return names
}

func expand(prefix string, path []string, names map[string][]string) []string {
	if len(path) == 0 {
		return []string{prefix}
	}
	steps := []string{path[0]}
	if path[0] == wildcard {
		steps = names[prefix]
	}
	var keys []string
	for _, step := range steps {
		keys = append(keys, expand(join(prefix, step), path[1:], names)...)
	}
	return keys
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// envName returns the variable of a key: server.bodyLimit under ORDERS is ORDERS_SERVER_BODY_LIMIT.
func envName(prefix, key string) string {
	var name strings.Builder
	name.WriteString(prefix + "_")
	var last rune
	for _, r := range key {
		switch {
		case r == '.' || r == '-':
			name.WriteByte('_')
		case unicode.IsUpper(r) && (unicode.IsLower(last) || unicode.IsDigit(last)):
			name.WriteByte('_')
			name.WriteRune(r)
		default:
			name.WriteRune(unicode.ToUpper(r))
		}
		last = r
	}
	return name.String()
}
