package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size, written as a whole number with an optional unit: 512, 64KiB, 10MiB, 1GiB; KB, MB and GB are powers of
// 1000.
type Bytes int64

// Units of size.
const (
	KiB Bytes = 1 << (10 * (iota + 1))
	MiB
	GiB
)

// unit is a suffix and what it multiplies by.
type unit struct {
	suffix string
	factor Bytes
}

// units are in the order in which suffixes must be tried: B ends all of them.
func units() []unit {
	return []unit{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}, {"", 1}}
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (b *Bytes) UnmarshalText(text []byte) error {
	value := strings.TrimSpace(string(text))
	for _, u := range units() {
		digits, ok := strings.CutSuffix(value, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/int64(u.factor) {
			break
		}
		*b = Bytes(n) * u.factor
		return nil
	}
	return fmt.Errorf("reading size %q: allowed is %s", value, b.Allowed())
}

// MarshalText implements encoding.TextMarshaler.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String returns the size in the largest unit that divides it.
func (b Bytes) String() string {
	for _, u := range units() {
		if b != 0 && b%u.factor == 0 && strings.HasSuffix(u.suffix, "iB") {
			return strconv.FormatInt(int64(b/u.factor), 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// Allowed says what can be written.
func (Bytes) Allowed() string { return "a size such as 65536, 512KiB or 10MiB" }
