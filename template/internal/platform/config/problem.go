package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// mask stands for a secret, of whatever length.
const mask = "***"

// Problem is one setting that was refused.
type Problem struct {
	// Key is the setting's path, or the flag or variable that names none.
	Key string
	// Value is what was given, as text. Load masks it if the setting is a secret.
	Value string
	// Source says where the value came from. Load fills it in.
	Source string
	// Allowed completes the sentence "allowed is …".
	Allowed string
}

func (p Problem) String() string {
	text := p.Key + ":"
	if p.Value != "" {
		text += fmt.Sprintf(" %q", p.Value)
	} else {
		text += " no value"
	}
	if p.Source != "" {
		text += " from " + p.Source
	}
	return text + "; allowed is " + p.Allowed
}

// Error is a refused configuration, with all problems at once.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	lines = append(lines, "configuration refused:")
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// Between refuses a value outside low to high, both allowed.
func Between[T cmp.Ordered](key string, value, low, high T) []Problem {
	if value >= low && value <= high {
		return nil
	}
	return []Problem{{Key: key, Value: fmt.Sprint(value), Allowed: fmt.Sprintf("%v to %v", low, high)}}
}

// Positive refuses a duration of zero or less.
func Positive(key string, value time.Duration) []Problem {
	if value > 0 {
		return nil
	}
	return []Problem{{Key: key, Value: value.String(), Allowed: "a duration above 0s"}}
}

// OneOf refuses a value that is not among the allowed ones.
func OneOf(key, value string, allowed ...string) []Problem {
	if slices.Contains(allowed, value) {
		return nil
	}
	return []Problem{{Key: key, Value: value, Allowed: "one of " + strings.Join(allowed, ", ")}}
}

// known completes "allowed is …" for a name that does not exist, with the nearest that does.
func known(what, name string, names []string) string {
	best, distance := "", len(name)/3+2 // beyond that the names have little in common
	for _, candidate := range names {
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return "a known " + what + " (--help lists them)"
	}
	return "a known " + what + ", the nearest is " + best
}

// editDistance is the Levenshtein distance of two ASCII names.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
