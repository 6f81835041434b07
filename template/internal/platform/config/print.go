package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// Print writes the effective settings, one a line with its source, secrets masked.
func (l Loaded[C]) Print(w io.Writer) error {
	var text strings.Builder
	for _, key := range l.loader.schema.keys(l.loader.names) {
		f, _ := l.loader.schema.find(key)
		e := l.loader.entries[key]
		fmt.Fprintf(&text, "%s = %s  # %s\n", key, quoteEmpty(display(e.value, f.secret)), e.source)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Usage writes what the command line and the environment can hold.
func (l Loaded[C]) Usage(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "Usage: %s [flags]\n\nSettings come from flags, environment, file and defaults, in this order of precedence.\n\n",
		l.loader.options.Name)
	text.WriteString(l.loader.flagSet().FlagUsages())
	for _, key := range l.loader.schema.keys(l.loader.names) {
		if f, _ := l.loader.schema.find(key); f.secret {
			fmt.Fprintf(&text, "\n%s (%s): %s", key, f.usage, l.loader.secretSources(key))
		}
	}
	text.WriteString("\n")
	_, err := io.WriteString(w, text.String())
	return err
}

func quoteEmpty(text string) string {
	if text == "" {
		return `""`
	}
	return text
}

// kindOf names a type in the usage.
func kindOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "duration"
	case t == reflect.TypeFor[Bytes]():
		return "size"
	case t.Kind() == reflect.Slice:
		return "list"
	}
	return t.Kind().String()
}
