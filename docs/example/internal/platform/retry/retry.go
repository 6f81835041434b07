// Package retry decides whether and when to retry. It only computes; the caller waits.
package retry

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"example.com/order-notifier/internal/platform/fault"
)

// jitter is the share by which a delay moves up or down, which spreads the retries of callers that failed together.
const jitter = 0.1

// Policy is an exponential backoff with a cap. The zero value never retries.
type Policy struct {
	Base     time.Duration `koanf:"base" usage:"delay before the first retry; doubles with each further one"`
	Max      time.Duration `koanf:"max" min:"base" usage:"longest delay before a retry, jitter and Retry-After included"`
	Attempts int           `koanf:"attempts" min:"1" max:"5" usage:"attempts in all, the first included"`
	MaxAge   time.Duration `koanf:"maxAge" usage:"age of a resource after which nothing is retried, whatever put it off"`
}

// Default makes five attempts, with delays of 30 s, 60 s, 120 s and 240 s between them, within a day.
func Default() Policy {
	return Policy{Base: 30 * time.Second, Max: 480 * time.Second, Attempts: 5, MaxAge: 24 * time.Hour}
}

// Delay returns the delay before retry n, counted from 1: min(base × 2^(n-1), max) ±10 %, then at most max. Random is
// uniform in [0, 1). An n below 1 counts as 1; no n overflows.
func (p Policy) Delay(n int, random float64) time.Duration {
	if p.Base <= 0 || p.Max <= 0 {
		return 0
	}
	delay := p.Max
	// Base << shift is at most Max exactly when Base is at most Max >> shift, which cannot overflow.
	if shift := max(n, 1) - 1; p.Base <= p.Max>>shift {
		delay = p.Base << shift
	}
	random = min(max(random, 0), 1)
	jittered := float64(delay) * (1 - jitter + 2*jitter*random)
	if jittered >= float64(p.Max) { // compared as floats, since the conversion overflows near the largest Duration
		return p.Max
	}
	return time.Duration(jittered)
}

// Next returns the delay before a retry after err, or false if there is none. Attempts is the number made so far; the
// smaller of the policy's and the error's maximum counts. A Retry-After that err carries raises the delay, up to Max.
func (p Policy) Next(err error, attempts int, random float64) (delay time.Duration, again bool) {
	handling := fault.For(err)
	attempts = max(attempts, 1)
	if !handling.Retryable || attempts >= min(p.Attempts, handling.Attempts) {
		return 0, false
	}
	delay = p.Delay(attempts, random)
	if after, ok := fault.RetryAfter(err); ok && after > delay {
		delay = min(after, p.Max)
	}
	return delay, true
}

// maxHeader keeps an absurd header from overflowing a Duration.
const maxHeader = 24 * time.Hour

// ParseHeader returns the wait that a Retry-After header asks for (RFC 9110, section 10.2.3): seconds or an HTTP date. It is
// 0 if the value is empty, malformed or past, and at most 24 hours.
func ParseHeader(value string) (wait time.Duration) {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil || errors.Is(err, strconv.ErrRange) {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxHeader)
}
