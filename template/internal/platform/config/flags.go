package config

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// The flags that are no settings.
const (
	flagConfig  = "config"
	flagHelp    = "help"
	flagPrint   = "print-config"
	flagVersion = "version"
)

// rawFlag keeps a flag's text. The loader parses it like the text of any other source, and so with the same messages.
type rawFlag struct{ text, kind string }

func (f *rawFlag) String() string        { return f.text }
func (f *rawFlag) Set(text string) error { f.text = text; return nil }
func (f *rawFlag) Type() string          { return f.kind }

// commandLine is what the arguments said.
type commandLine struct {
	help, version, print bool
	file                 namedFile
	values               []given
}

// readFlags reads the arguments. Every setting is a flag of the same name, except for secrets, which a process list
// would show, and for names in maps that only the file knows.
func (l *loader) readFlags(args []string) commandLine {
	set := l.flagSet()
	if err := set.Parse(args); err != nil {
		l.refuseFlag(err)
	}
	for _, argument := range set.Args() {
		l.problem(Problem{Key: "arguments", Value: argument, Source: "command line", Allowed: "flags only"})
	}
	var line commandLine
	set.Visit(func(f *pflag.Flag) {
		source := Source{layer: layerFlag, name: f.Name}
		switch text := f.Value.String(); f.Name {
		case flagConfig:
			line.file = namedFile{path: text, source: source}
		case flagHelp:
			line.help = text == "true"
		case flagPrint:
			line.print = text == "true"
		case flagVersion:
			line.version = text == "true"
		default:
			line.values = append(line.values, given{key: f.Name, raw: text, source: source})
		}
	})
	return line
}

func (l *loader) flagSet() *pflag.FlagSet {
	set := pflag.NewFlagSet(l.options.Name, pflag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	set.SetInterspersed(true)
	set.String(flagConfig, "", "configuration `file`; also "+l.options.EnvPrefix+"_"+configFile+" (default "+l.options.FileDefault+")")
	set.BoolP(flagHelp, "h", false, "show this text and exit")
	set.Bool(flagPrint, false, "show the effective configuration with its sources and exit")
	set.Bool(flagVersion, false, "show the version and exit")
	for _, key := range l.schema.keys(l.names) {
		f, _ := l.schema.find(key)
		if f.secret {
			continue
		}
		usage := fmt.Sprintf("%s; also %s (default %s)", orKey(f.usage, key), envName(l.options.EnvPrefix, key),
			quoteEmpty(display(l.entries[key].value, false)))
		flag := set.VarPF(&rawFlag{kind: kindOf(f.typ)}, key, "", usage)
		if kindOf(f.typ) == "bool" {
			flag.NoOptDefVal = "true"
		}
	}
	return set
}

// refuseFlag reports the argument at which reading stopped.
func (l *loader) refuseFlag(err error) {
	p := Problem{Key: "arguments", Value: "(not shown)", Source: "command line", Allowed: "a known flag (" + err.Error() + ")"}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		name := unknown.GetSpecifiedName()
		p.Key, p.Source = "--"+name, "command line"
		p.Allowed = known("flag", name, l.schema.keys(l.names))
		if f, ok := l.schema.find(name); ok && f.secret {
			p.Value, p.Allowed = mask, l.secretSources(name)
		}
	}
	l.problem(p)
}

func orKey(usage, key string) string {
	if usage == "" {
		return strings.ReplaceAll(key, ".", " ")
	}
	return usage
}
