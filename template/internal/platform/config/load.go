// Package config reads settings in layers: defaults, file, environment, flags. The last layer that has a key gives its value.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// Options say where to look. FileDefault, /etc/<Name>/config.yaml if empty, is the file that may be missing.
type Options struct {
	Name, Version, EnvPrefix, FileDefault string
	Environ                               []string // in the form of os.Environ
}

// Loaded is a valid configuration. Output, unless empty, is what a flag asks to write instead of running.
type Loaded[C Embedding] struct {
	Config   C
	Output   string
	Warnings []string // what was ignored
}

// Load reads the configuration. The args don't include the program's name. The error has a line for each problem.
func Load[C Embedding](options Options, args []string, defaults C) (loaded Loaded[C], err error) {
	options.FileDefault = cmp.Or(options.FileDefault, "/etc/"+options.Name+"/config.yaml")
	options.Environ = slices.DeleteFunc(slices.Clone(options.Environ), notOurs.MatchString)
	l := &loader{
		Options: options, settings: settingsOf(defaults, koanf.New(".")), values: koanf.New("."),
		sources: map[string]string{}, problems: map[string]string{},
	}
	flags := l.parse(args)
	switch { // help and version must work when the rest does not
	case flags.Changed("help"):
		return Loaded[C]{Output: "Usage: " + l.Name + " [flags]\n\n" + flags.FlagUsages()}, nil
	case flags.Changed("version"):
		return Loaded[C]{Output: l.Name + " " + l.Version + "\n"}, nil
	}
	environ := koanf.New(".")
	_ = environ.Load(env.Provider("", env.Opt{EnvironFunc: func() []string { return l.Environ }}), nil) // there is nothing to parse
	path, content := l.read(flags.Lookup("config").Value.String(), environ.String(l.EnvPrefix+"_CONFIG_FILE"), environ.String("CONFIG_FILE"))
	l.settings = settingsOf(defaults, content)
	for key, s := range l.settings {
		l.set(key, s.value, "default")
	}
	l.setFile(path, content)
	l.setEnvironment(environ)
	flags.Visit(func(f *pflag.Flag) { l.set(f.Name, f.Value.String(), "flag --"+f.Name) })
	l.setSecrets()
	l.decode(&loaded.Config)
	l.refuse(Problems(loaded.Config)...)
	if len(l.problems) > 0 {
		return Loaded[C]{}, errors.New("invalid configuration:\n  " + strings.Join(slices.Sorted(maps.Values(l.problems)), "\n  "))
	}
	if loaded.Warnings = l.warnings; flags.Changed("print-config") {
		loaded.Output = l.print()
	}
	return loaded, nil
}

type loader struct {
	Options
	settings settings
	values   *koanf.Koanf
	sources  map[string]string // by key: the last layer that has it
	problems map[string]string
	warnings []string
}

func (l *loader) set(key string, value any, source string) {
	if _, known := l.settings[key]; known {
		_ = l.values.Set(key, value) // fails only if koanf is strict
		l.sources[key] = source
	}
}

// parse defines a flag for each setting but secrets, which a list of processes would show.
func (l *loader) parse(args []string) *pflag.FlagSet {
	set := pflag.NewFlagSet(l.Name, pflag.ContinueOnError)
	set.String("config", "", "`file` to read, also "+l.EnvPrefix+"_CONFIG_FILE (default "+l.FileDefault+")")
	set.BoolP("help", "h", false, "show this text")
	set.Bool("print-config", false, "show the effective settings with their sources")
	set.Bool("version", false, "show the version")
	for key, s := range l.settings {
		if !s.secret {
			set.String(key, display(s.value, false), s.tag.Get("usage")+", also "+l.variable(key))
		}
	}
	var known []string
	set.VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	err := set.Parse(args)
	for unknown := (*pflag.NotExistError)(nil); errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == ""; err = set.Parse(args) {
		name := unknown.GetSpecifiedName()
		if !l.misplaced(name, "flag --"+name) {
			l.problem("--"+name, "unknown flag --%s%s", name, suggest("--"+name, known))
		}
		set.String(name, "", "") // the next attempt finds the next problem
	}
	if err != nil {
		l.problem("--", "%s", err)
	} else if set.NArg() > 0 {
		l.problem("--", "unexpected arguments: %s", strings.Join(set.Args(), " "))
	}
	return set
}

// read reads the first path that is named, or else the default one.
func (l *loader) read(named ...string) (path string, content *koanf.Koanf) {
	name := cmp.Or(named...)
	path, content = cmp.Or(name, l.FileDefault), koanf.New(".")
	err := content.Load(file.Provider(path), yaml.Parser())
	if err != nil && (name != "" || !errors.Is(err, fs.ErrNotExist)) {
		text := cmp.Or(errors.Unwrap(err), err).Error()                        // without the path
		text = regexp.MustCompile("`[^`]*`").ReplaceAllString(text, "a value") // the parser quotes what may be a secret
		l.problem("config", "config: cannot read %s: %s", path, strings.Join(strings.Fields(text), " "))
	}
	return path, content
}

func (l *loader) setFile(path string, content *koanf.Koanf) {
	for key, value := range content.All() {
		_, known := l.settings[key]
		_, empty := value.(map[string]any)
		if !known && value != nil && !empty {
			l.problem(key, "unknown key %s in file %s%s", key, path, suggest(key, slices.Sorted(maps.Keys(l.settings))))
		} else if value != nil && !l.misplaced(key, "file "+path) {
			l.set(key, fmt.Sprint(value), "file "+path) // as text: 30 is no duration and 80.5 no port
		}
	}
}

// notOurs matches empty variables, which count as not set, and those that Kubernetes sets for each Service of the namespace:
// a Service may be named like this one.
var notOurs = regexp.MustCompile(
	`^[^=]*(=$|_SERVICE_HOST=|_SERVICE_PORT(_\w+)?=|_PORT=(tcp|udp|sctp)://|_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?=)`)

func (l *loader) setEnvironment(environ *koanf.Koanf) {
	aliases := map[string]string{"log.level": "LOG_LEVEL", "server.port": "SERVER_PORT", "metrics.port": "METRICS_PORT"}
	known := []string{l.EnvPrefix + "_CONFIG_FILE"}
	for _, key := range slices.Sorted(maps.Keys(l.settings)) {
		known = append(known, l.variable(key))
		for _, name := range []string{aliases[key], l.variable(key)} {
			if environ.Exists(name) {
				l.set(key, environ.String(name), "environment "+name)
			}
		}
	}
	for _, name := range environ.Keys() {
		if strings.HasPrefix(name, l.EnvPrefix+"_") && !slices.Contains(known, name) {
			l.warnings = append(l.warnings, "unknown environment variable "+name+suggest(name, known))
		}
	}
}

// setSecrets reads the files that keys ending in File name: what they hold is a secret. A value of its own wins over its file.
func (l *loader) setSecrets() {
	for key, s := range l.settings {
		path := l.values.String(key + "File")
		if path == "" || l.values.String(key) != "" {
			continue
		}
		s.secret = true
		l.settings[key] = s
		content, err := os.ReadFile(filepath.Clean(path))
		secret := strings.TrimRight(string(content), "\r\n") // editors and kubectl end a file with a newline
		if secret == "" {
			err = cmp.Or(errors.Unwrap(err), err, errors.New("it is empty"))
			l.problem(key, "%sFile: cannot read the secret from %s: %s (from %s)", key, path, err, l.sources[key+"File"])
		}
		l.set(key, secret, "file "+path)
	}
}

// decode fills the struct. It takes the default where a value can't be parsed.
func (l *loader) decode(target any) {
	for key, s := range l.settings {
		if _, err := parse(l.values.Get(key), s.value); err != nil {
			l.refuse(Problem{key, l.values.String(key), cmp.Or(allowed[fmt.Sprintf("%T", s.value)], "a whole number")})
			l.set(key, s.value, "default")
		}
	}
	_ = l.values.Unmarshal("", target) // every value was decoded before
}

func (l *loader) refuse(problems ...Problem) {
	for _, p := range problems {
		origin := "from " + cmp.Or(l.sources[p.Key], "all sources")
		if value := display(p.Value, l.settings[p.Key].secret); value != "" {
			origin = fmt.Sprintf("got %q, %s", value, origin)
		}
		l.problem(p.Key, "%s: must be %s (%s)", p.Key, p.Allowed, origin)
	}
}

// misplaced reports a secret that comes from where many can read it.
func (l *loader) misplaced(key, source string) bool {
	if l.settings[key].secret {
		l.problem(key, "%s: must come from %s or the file that %sFile names, not from %s", key, l.variable(key), key, source)
	}
	return l.settings[key].secret
}

// problem keeps the first problem of each key: others may follow from it.
func (l *loader) problem(key, format string, args ...any) {
	l.problems[key] = cmp.Or(l.problems[key], fmt.Sprintf(format, args...))
}

// variable returns the environment variable of a key: ORDERS_SERVER_BODY_LIMIT for server.bodyLimit.
func (l *loader) variable(key string) string {
	key = regexp.MustCompile(`([a-z0-9])([A-Z])`).ReplaceAllString(key, "${1}_$2")
	return l.EnvPrefix + "_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
}

func (l *loader) print() (text string) {
	for _, key := range slices.Sorted(maps.Keys(l.sources)) {
		text += fmt.Sprintf("%s = %s  # %s\n", key, cmp.Or(display(l.values.Get(key), l.settings[key].secret), `""`), l.sources[key])
	}
	for _, warning := range l.warnings {
		text += "# warning: " + warning + "\n"
	}
	return text
}
