package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
)

// nameInMap is what a name in a map may be: a dot would make its keys ambiguous.
var nameInMap = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// namedFile is the path of the configuration file and where it was named.
type namedFile struct {
	path   string
	source Source
}

// readFile takes the file's values and returns its path, empty if there is none.
func (l *loader) readFile(named namedFile) string {
	if named.path == "" {
		named = l.fileFromEnvironment()
	}
	path, optional := named.path, false
	if path == "" {
		path, optional = l.options.FileDefault, true
	}
	content, err := os.ReadFile(filepath.Clean(path))
	if optional && errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		l.problem(Problem{Key: "config", Value: path, Source: named.source.String(), Allowed: "a readable file (" + reason(err) + ")"})
		return path
	}
	tree, err := yaml.Parser().Unmarshal(content)
	if err != nil {
		l.problem(badYAML(path, named.source, err))
		return path
	}
	reader := fileReader{loader: l, source: Source{layer: layerFile, name: path}}
	reader.group(tree, "")
	l.apply(reader.values)
	return path
}

// reason is an error without the path that the message has already.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

var (
	yamlLine  = regexp.MustCompile(`line (\d+): ([^\n]*)`)
	yamlValue = regexp.MustCompile("`[^`]*`")
)

// badYAML says where a file is not YAML. The parser quotes from the file; that is left out, it may be a secret.
func badYAML(path string, source Source, err error) Problem {
	p := Problem{Key: "config", Value: path, Source: source.String(), Allowed: "YAML (" + err.Error() + ")"}
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		p.Value = path + ":" + found[1]
		p.Allowed = "YAML with groups and keys (" + yamlValue.ReplaceAllString(found[2], "a value") + ")"
	}
	return p
}

// fileReader walks the file's tree along the schema.
type fileReader struct {
	*loader
	source Source
	values []given
}

func (r *fileReader) group(tree map[string]any, prefix string) {
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		r.node(join(prefix, name), name, prefix, tree[name])
	}
}

func (r *fileReader) node(key, name, prefix string, value any) {
	group, entry := r.schema.hasGroup(key)
	f, leaf := r.schema.find(key)
	entry = entry || (leaf && f.path[len(f.path)-1] == wildcard)
	switch {
	case entry && !nameInMap.MatchString(name):
		r.refuseKey(key, "a name of letters, digits, - and _")
	case entry && value == nil:
		r.drop(prefix, name)
	case leaf && f.secret && value != nil:
		r.problem(Problem{Key: key, Value: mask, Source: r.source.String(), Allowed: r.secretSources(key)})
	case leaf:
		if entry {
			r.addName(prefix, name)
		}
		if value != nil { // a key without a value is not set
			r.values = append(r.values, given{key: key, raw: value, source: r.source})
		}
	case group:
		if entry {
			r.addName(prefix, name)
		}
		r.subtree(key, value)
	default:
		r.refuseKey(key, known("key", key, r.schema.names(r.names)))
	}
}

func (r *fileReader) subtree(key string, value any) {
	if value == nil {
		return // a group without keys sets nothing
	}
	tree, ok := value.(map[string]any)
	if !ok {
		r.problem(Problem{Key: key, Value: display(value, true), Source: r.source.String(), Allowed: "a group of keys"})
		return
	}
	r.group(tree, key)
}

// refuseKey leaves the value out: what stands under a wrong key may be a secret.
func (r *fileReader) refuseKey(key, allowed string) {
	r.problem(Problem{Key: key, Value: "(not shown)", Source: r.source.String(), Allowed: allowed})
}

// drop removes a name that the defaults put into a map, by setting it to null.
func (l *loader) drop(group, name string) {
	l.names[group] = slices.DeleteFunc(l.names[group], func(n string) bool { return n == name })
	prefix := join(group, name)
	maps.DeleteFunc(l.entries, func(key string, _ entry) bool {
		return key == prefix || strings.HasPrefix(key, prefix+".")
	})
}

// secretSources says where a secret may come from.
func (l *loader) secretSources(key string) string {
	allowed := "the environment variable " + envName(l.options.EnvPrefix, key)
	if _, ok := l.schema.find(key + "File"); ok {
		allowed += " or a file named by " + key + "File"
	}
	return allowed
}

// readSecretFiles reads the secrets that a key ending in File names a file for. Of a secret and its file the one that a
// higher layer gives wins; both in one layer are ambiguous.
func (l *loader) readSecretFiles() {
	for _, key := range l.schema.keys(l.names) {
		f, _ := l.schema.find(key)
		named, ok := l.entries[key+"File"]
		path, isText := named.value.(string)
		if !f.secret || !ok || !isText || path == "" {
			continue
		}
		direct := l.entries[key]
		if display(direct.value, false) != "" {
			if direct.source.layer > named.source.layer {
				continue
			}
			if direct.source.layer == named.source.layer {
				l.problem(Problem{
					Key: key, Value: mask, Source: direct.source.String(),
					Allowed: "either this or " + key + "File, not both",
				})
				continue
			}
		}
		l.readSecretFile(key, f, path, named.source)
	}
}

func (l *loader) readSecretFile(key string, f field, path string, source Source) {
	value, allowed := secretIn(path, f)
	if allowed != "" {
		l.problem(Problem{Key: key + "File", Value: path, Source: source.String(), Allowed: allowed})
		l.refused[key] = true // that the secret is missing is the same problem
		return
	}
	l.entries[key] = entry{value: value, source: Source{layer: layerFile, name: path}}
}

// secretIn reads the file of a secret, or says what is allowed.
func secretIn(path string, f field) (value any, allowed string) {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, "a readable file (" + reason(err) + ")"
	}
	// Editors and kubectl end a file with a newline that is no part of the secret.
	text := strings.TrimRight(string(content), "\r\n")
	if text == "" {
		return nil, "a file that is not empty"
	}
	if value, allowed = parse(text, f.typ); allowed != "" {
		return nil, "a file that holds " + allowed
	}
	return value, ""
}
