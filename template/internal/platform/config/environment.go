package config

import (
	"regexp"
	"slices"
	"strings"
)

// aliases are the variables without the service's prefix that are understood too; the prefixed form wins.
func aliases() map[string]string {
	return map[string]string{"LOG_LEVEL": "log.level", "SERVER_PORT": "server.port", "METRICS_PORT": "metrics.port"}
}

// configFile names the configuration file, with or without the service's prefix.
const configFile = "CONFIG_FILE"

var (
	// Kubernetes sets these for each Service of the namespace; a Service called like ours, or like ours with something
	// behind it, puts them under our prefix.
	serviceLinkName  = regexp.MustCompile(`(^|_)(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)
	serviceLinkValue = regexp.MustCompile(`^(tcp|udp|sctp)://`)
)

// isServiceLink recognizes <SERVICE>_PORT by its value, because server.port ends the same way.
func isServiceLink(name, value string) bool {
	return serviceLinkName.MatchString(name) || (strings.HasSuffix(name, "_PORT") && serviceLinkValue.MatchString(value))
}

// environment returns the variables that have a value; an empty one counts as not set.
func (l *loader) environment() map[string]string {
	variables := make(map[string]string, len(l.options.Environ))
	for _, variable := range l.options.Environ {
		if name, value, _ := strings.Cut(variable, "="); value != "" {
			variables[name] = value
		}
	}
	return variables
}

func (l *loader) fileFromEnvironment() namedFile {
	variables := l.environment()
	for _, name := range []string{l.options.EnvPrefix + "_" + configFile, configFile} {
		if path := variables[name]; path != "" {
			return namedFile{path: path, source: Source{layer: layerEnvironment, name: name}}
		}
	}
	return namedFile{}
}

// readEnvironment takes the variables. It comes after the file, whose names in maps are addressed by variables too.
func (l *loader) readEnvironment() {
	variables := l.environment()
	keys := map[string]string{} // by the variable's name
	for _, key := range l.schema.keys(l.names) {
		keys[envName(l.options.EnvPrefix, key)] = key
	}
	var values []given
	for alias, key := range aliases() {
		value, ok := variables[alias]
		prefixed := envName(l.options.EnvPrefix, key)
		_, shadowed := variables[prefixed]
		shadowed = shadowed && !isServiceLink(prefixed, variables[prefixed])
		// What is shadowed need not even be right: a variable without our prefix may be meant for somebody else.
		if ok && !shadowed && !isServiceLink(alias, value) {
			values = append(values, given{key: key, raw: value, source: Source{layer: layerEnvironment, name: alias}})
		}
	}
	for name, value := range variables {
		if !strings.HasPrefix(name, l.options.EnvPrefix+"_") || name == l.options.EnvPrefix+"_"+configFile {
			continue
		}
		source := Source{layer: layerEnvironment, name: name}
		key, ok := keys[name]
		switch {
		case isServiceLink(name, value):
		case ok:
			values = append(values, given{key: key, raw: value, source: source})
		default:
			l.refuseVariable(name, source, keys)
		}
	}
	l.apply(values)
}

// refuseVariable leaves the value out: what a wrong name holds may be a secret.
func (l *loader) refuseVariable(name string, source Source, keys map[string]string) {
	names := make([]string, 0, len(keys))
	for candidate := range keys {
		names = append(names, candidate)
	}
	slices.Sort(names)
	l.problem(Problem{Key: name, Value: "(not shown)", Source: source.String(), Allowed: known("variable", name, names)})
}
