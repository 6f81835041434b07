// Package fault says what kind of failure an error is, so that one table can decide what happens next: whether to try
// again, what to answer, how to count and how to log it.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Class is the kind of a failure. Its text is the value of the error_type label and log field.
type Class string

const (
	// Transient failures may be gone at the next attempt.
	Transient Class = "transient"
	// Permanent failures stay until somebody changes something: code, configuration, rights.
	Permanent Class = "permanent"
	// User failures are the caller's to correct.
	User Class = "user"
	// Cancelled means that nobody waits for the result any more.
	Cancelled Class = "cancelled"
)

// classified attaches a class to an error without changing its text.
type classified struct {
	err    error
	class  Class
	status int // the HTTP answer, for user errors; 0 means the table's
}

func (e *classified) Error() string { return e.err.Error() }
func (e *classified) Unwrap() error { return e.err }

// NewTransient marks err as transient. A class that an error inside err already carries wins. Nil stays nil.
func NewTransient(err error) error { return classify(Transient, 0, err) }

// NewPermanent marks err as permanent. A class that an error inside err already carries wins. Nil stays nil.
func NewPermanent(err error) error { return classify(Permanent, 0, err) }

// NewUser marks err as the caller's to correct; its text is shown to the caller, so it must not hold internals.
// A class that an error inside err already carries wins. Nil stays nil.
func NewUser(err error) error { return classify(User, 0, err) }

// UserStatus is NewUser with the HTTP status to answer. A status outside 400 to 499 is answered as 400.
func UserStatus(status int, err error) error {
	if status < 400 || status > 499 {
		status = http.StatusBadRequest
	}
	return classify(User, status, err)
}

func classify(class Class, status int, err error) error {
	if err == nil {
		return nil
	}
	return &classified{err: err, class: class, status: status}
}

// delayed attaches the time to wait before another try.
type delayed struct {
	err   error
	after time.Duration
}

func (e *delayed) Error() string             { return e.err.Error() }
func (e *delayed) Unwrap() error             { return e.err }
func (e *delayed) retryAfter() time.Duration { return e.after }

// After attaches the time to wait before another try, as Retry-After does. It leaves the class alone. Nil stays nil.
func After(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &delayed{err: err, after: d}
}

// RetryAfter returns the longest wait that err or an error inside it asks for. Trying again before the longest of them
// would be refused by at least one side.
func RetryAfter(err error) (time.Duration, bool) {
	var longest time.Duration
	walk(err, func(node error) {
		if asks, ok := node.(interface{ retryAfter() time.Duration }); ok {
			longest = max(longest, asks.retryAfter())
		}
	})
	return longest, longest > 0
}

// walk calls visit for err and for every error inside it, outermost first.
func walk(err error, visit func(error)) {
	if err == nil {
		return
	}
	visit(err)
	for _, inner := range unwrap(err) {
		walk(inner, visit)
	}
}

// unwrap returns the errors directly inside err, whichever of the two Unwrap methods it has.
func unwrap(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return []error{inner}
	}
	return nil
}

// StatusError is an upstream's answer that was not a success. It is classified by its code.
type StatusError struct {
	// Code is the HTTP status.
	Code int
	// RetryAfter is what the upstream asked for in its Retry-After header; zero if nothing.
	RetryAfter time.Duration
}

func (e StatusError) Error() string {
	if text := http.StatusText(e.Code); text != "" {
		return fmt.Sprintf("upstream answered %d %s", e.Code, text)
	}
	return fmt.Sprintf("upstream answered %d", e.Code)
}

func (e StatusError) retryAfter() time.Duration { return e.RetryAfter }
