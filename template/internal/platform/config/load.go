package config

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
)

// Options say where to look.
type Options struct {
	// Name is the service's name; it gives the default file and stands in the usage.
	Name string
	// EnvPrefix begins the names of the service's environment variables, without the underscore that follows.
	EnvPrefix string
	// Environ is the environment in the form of os.Environ.
	Environ []string
	// FileDefault is read if it exists and no file is named; /etc/<Name>/config.yaml if empty.
	FileDefault string
}

// Source says where a value came from. Higher layers win.
type Source struct {
	layer layer
	name  string
}

type layer int

const (
	layerDefault layer = iota
	layerFile
	layerEnvironment
	layerFlag
)

func (s Source) String() string {
	switch s.layer {
	case layerFile:
		return "file " + s.name
	case layerEnvironment:
		return "environment " + s.name
	case layerFlag:
		return "flag --" + s.name
	case layerDefault:
	}
	return "default"
}

// Loaded is a configuration that was accepted, and what was asked for on the command line.
type Loaded[C Embedding] struct {
	Config C
	// Sources tells where each value came from, by key.
	Sources map[string]Source
	// File is the file that was read, empty if none.
	File string
	// ShowHelp and ShowVersion mean that nothing else was read; PrintOnly asks for Print.
	ShowHelp, ShowVersion, PrintOnly bool

	loader *loader
}

// Load reads the configuration: args (without the program's name), then the environment, then the file, then defaults.
// An error of type *Error lists every problem; any other is a mistake in C.
func Load[C Embedding](options Options, args []string, defaults C) (Loaded[C], error) {
	s, err := schemaOf(reflect.TypeFor[C]())
	if err != nil {
		return Loaded[C]{}, err
	}
	l := newLoader(options, s)
	l.readDefaults(reflect.ValueOf(defaults), nil)
	flags := l.readFlags(args)
	loaded := Loaded[C]{loader: l, ShowHelp: flags.help, ShowVersion: flags.version, PrintOnly: flags.print}
	if flags.help || flags.version {
		return loaded, nil // both must work where the configuration does not
	}
	loaded.File = l.readFile(flags.file)
	l.readEnvironment()
	l.apply(flags.values)
	l.readSecretFiles()

	if err := l.decode(&loaded.Config); err != nil {
		return Loaded[C]{}, err
	}
	l.validate(loaded.Config, loaded.Config.platform())
	loaded.Sources = l.sources()
	return loaded, l.refuse()
}

// entry is a setting's value after all layers so far.
type entry struct {
	value  any // of the field's type
	source Source
}

// loader collects values and problems, layer by layer, the lowest first.
type loader struct {
	options  Options
	schema   schema
	entries  map[string]entry
	names    map[string][]string // the names in each map, by the map's key
	problems []Problem
	refused  map[string]bool // keys whose value was refused already
}

func newLoader(options Options, s schema) *loader {
	if options.FileDefault == "" {
		options.FileDefault = "/etc/" + options.Name + "/config.yaml"
	}
	return &loader{
		options: options, schema: s,
		entries: map[string]entry{}, names: map[string][]string{}, refused: map[string]bool{},
	}
}

// readDefaults takes the values that the code gives.
func (l *loader) readDefaults(v reflect.Value, path []string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, squash := keyOf(f)
		switch {
		case squash:
			l.readDefaults(v.Field(i), path)
		case f.IsExported() && name != "-":
			l.readDefault(v.Field(i), slices.Concat(path, []string{name}))
		}
	}
}

func (l *loader) readDefault(v reflect.Value, path []string) {
	switch {
	case isLeaf(v.Type()):
		l.entries[strings.Join(path, ".")] = entry{value: v.Interface()}
	case v.Kind() == reflect.Struct:
		l.readDefaults(v, path)
	default: // a map, or schemaOf had refused the struct
		for _, key := range v.MapKeys() {
			l.addName(strings.Join(path, "."), key.String())
			l.readDefault(v.MapIndex(key), slices.Concat(path, []string{key.String()}))
		}
	}
}

func (l *loader) addName(group, name string) {
	if !slices.Contains(l.names[group], name) {
		l.names[group] = append(l.names[group], name)
		slices.Sort(l.names[group])
	}
}

// given is a value as a source gave it.
type given struct {
	key    string
	raw    any
	source Source
}

// apply takes a layer's values over those of the layers below.
func (l *loader) apply(values []given) {
	for _, g := range values {
		f, ok := l.schema.find(g.key)
		if !ok {
			continue // reported where it was read
		}
		value, allowed := parse(g.raw, f.typ)
		if allowed != "" {
			l.problem(Problem{Key: g.key, Value: display(g.raw, f.secret), Source: g.source.String(), Allowed: allowed})
			continue
		}
		l.entries[g.key] = entry{value: value, source: g.source}
	}
}

func (l *loader) problem(p Problem) {
	l.problems = append(l.problems, p)
	l.refused[p.Key] = true
}

// decode fills the struct from the entries.
func (l *loader) decode(target any) error {
	flat := make(map[string]any, len(l.entries))
	for key, e := range l.entries {
		flat[key] = plain(e.value)
	}
	k := koanf.New(".")
	if err := k.Load(confmap.Provider(flat, "."), nil); err != nil {
		return fmt.Errorf("merging the configuration: %w", err)
	}
	// Every value was read as its field's type already, and every key has its field: nothing can be left over.
	if err := k.Unmarshal("", target); err != nil {
		return fmt.Errorf("decoding the configuration: %w", err)
	}
	return nil
}

// plain returns the text of a value that has one: koanf copies values by their exported fields, and others would lose
// what they hold.
func plain(value any) any {
	if text, ok := value.(encoding.TextMarshaler); ok {
		if marshaled, err := text.MarshalText(); err == nil {
			return string(marshaled)
		}
	}
	return value
}

// validate adds what the platform and the service themselves refuse, except for keys whose value was refused before.
func (l *loader) validate(config any, platform Platform) {
	problems := platform.problems()
	if validator, ok := config.(interface{ Validate() []Problem }); ok {
		problems = append(problems, validator.Validate()...)
	}
	for _, p := range problems {
		if l.refused[p.Key] {
			continue
		}
		if e, ok := l.entries[p.Key]; ok {
			p.Source = e.source.String()
		}
		if f, ok := l.schema.find(p.Key); ok {
			p.Value = display(p.Value, f.secret)
		}
		l.problems = append(l.problems, p)
	}
}

func (l *loader) refuse() error {
	if len(l.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int { return cmp.Compare(a.Key, b.Key) })
	return &Error{Problems: l.problems}
}

func (l *loader) sources() map[string]Source {
	sources := make(map[string]Source, len(l.entries))
	for key, e := range l.entries {
		sources[key] = e.source
	}
	return sources
}
