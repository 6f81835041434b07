package fault

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter bounds what an upstream may ask for, so that a nonsensical header cannot overflow a Duration.
const longestRetryAfter = 24 * time.Hour

// ParseRetryAfter reads a Retry-After header (RFC 9110, section 10.2.3): whole seconds or an HTTP date, seen from now.
// It returns 0 for an absent, malformed or past value, and at most one day.
func ParseRetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if isDigits(value) {
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || seconds > int64(longestRetryAfter/time.Second) {
			return longestRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
