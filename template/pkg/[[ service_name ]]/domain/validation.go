package domain

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits of what a caller writes. They keep one request from taking more than its share of memory, log and labels.
const (
	MaxDataKeys  = 64
	MaxKeyLength = 128
	MaxChannels  = 8
)

// typePattern is what a type may look like: a DNS label, so that it can be used in names and labels.
var typePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

// Violation is one thing that is wrong with a spec.
type Violation struct {
	Field   string // the JSON pointer of the offending value (RFC 6901), such as /data/subject
	Message string
}

// Complete fills in what the caller left out: the priority, and all of the known channels, however many there are.
func (s *Spec) Complete(known []string) {
	s.Priority = cmp.Or(s.Priority, PriorityMedium)
	if s.Channels == nil {
		s.Channels = known
	}
}

// Validate returns all that is wrong with what the caller wrote, in the order of the fields. The channels are the names
// that the service knows.
func (s *Spec) Validate(channels []string) (found []Violation) {
	switch {
	case s.Type == "":
		found = []Violation{{"/type", "is required"}}
	case !typePattern.MatchString(s.Type):
		found = []Violation{{"/type", "must be 1 to 63 lower-case letters, digits and dashes, starting with a letter"}}
	}
	if s.Priority != "" && !slices.Contains(Priorities(), s.Priority) {
		found = append(found, Violation{"/priority", "must be one of low, medium, high, critical"})
	}
	return slices.Concat(found, s.checkData(), s.checkChannels(channels))
}

func (s *Spec) checkData() []Violation {
	if len(s.Data) > MaxDataKeys {
		return []Violation{{"/data", fmt.Sprintf("must have at most %d keys, has %d", MaxDataKeys, len(s.Data))}}
	}
	var found []Violation
	for key := range s.Data {
		if key == "" || len(key) > MaxKeyLength {
			found = append(found, Violation{
				"/data/" + EscapePointer(key),
				fmt.Sprintf("must have a key of 1 to %d bytes", MaxKeyLength),
			})
		}
	}
	slices.SortFunc(found, func(a, b Violation) int { return strings.Compare(a.Field, b.Field) })
	return found
}

func (s *Spec) checkChannels(known []string) []Violation {
	if s.Channels == nil && len(known) > 0 {
		return nil
	}
	if len(s.Channels) == 0 || len(s.Channels) > MaxChannels {
		return []Violation{{"/channels", fmt.Sprintf("must name 1 to %d channels", MaxChannels)}}
	}
	var found []Violation
	for i, channel := range s.Channels {
		field := "/channels/" + strconv.Itoa(i)
		switch {
		case !slices.Contains(known, channel):
			found = append(found, Violation{field, "must be one of " + strings.Join(known, ", ")})
		case slices.Contains(s.Channels[:i], channel):
			found = append(found, Violation{field, "must not be repeated"})
		}
	}
	return found
}

// EscapePointer escapes a key for use in a JSON pointer (RFC 6901, section 3).
func EscapePointer(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}
