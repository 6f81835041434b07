package testenv

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Line is one line of the log, by key.
type Line map[string]any

// Text returns the value of a key, empty if the line has none or it is no string.
func (l Line) Text(key string) string {
	text, _ := l[key].(string)
	return text
}

// Log is a writer for JSON logs that can be read while it is written to. The zero value is ready.
type Log struct {
	mu      sync.Mutex
	written bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written.Write(p)
}

// String returns everything that was written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written.String()
}

// Lines returns the lines with the message, all if it is empty. Every line must be a JSON object.
func (l *Log) Lines(message string) []Line {
	GinkgoHelper()
	var lines []Line
	for text := range bytes.Lines([]byte(l.String())) {
		var line Line
		Expect(json.Unmarshal(text, &line)).To(Succeed(), "a log line is no JSON object: %s", text)
		if message == "" || line.Text("msg") == message {
			lines = append(lines, line)
		}
	}
	return lines
}

// Levels returns the different levels that were logged at, sorted.
func (l *Log) Levels() []string {
	GinkgoHelper()
	levels := map[string]bool{}
	for _, line := range l.Lines("") {
		levels[line.Text("level")] = true
	}
	return slices.Sorted(maps.Keys(levels))
}
