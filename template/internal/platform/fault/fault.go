// Package fault classifies errors. The class of an error decides whether to retry, what to respond, and how to count and
// log it.
package fault

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

// Class is the kind of an error. Its text is the value of the error_type label and log field.
type Class string

// The classes. Canceled is nobody's error: it is neither counted nor retried.
const (
	Transient Class = "transient" // may be gone at the next attempt
	Permanent Class = "permanent" // stays until somebody changes code, configuration or rights
	User      Class = "user"      // is for the caller to correct
	Canceled  Class = "cancelled" // nobody waits for the result
)

// StatusClientClosedRequest marks a request in the access log if its caller left early. It is never sent.
const StatusClientClosedRequest = 499

// Handling says what to do about an error.
type Handling struct {
	Class     Class
	Attempts  int        // at most, the first included; a policy may allow fewer
	Status    int        // HTTP status of the response; 499 is only logged
	Level     slog.Level // log level
	Retryable bool       // a retry with the same input can succeed
}

// table says how to handle each class. Three kinds of errors differ: a refused connection gets fewer attempts, a permanent
// error of an upstream is a bad gateway, and a user error may have its own status.
var table = map[Class]Handling{
	Transient: {Transient, 5, http.StatusServiceUnavailable, slog.LevelWarn, true},
	Permanent: {Permanent, 1, http.StatusInternalServerError, slog.LevelError, false},
	User:      {User, 1, http.StatusBadRequest, slog.LevelInfo, false},
	Canceled:  {Canceled, 1, StatusClientClosedRequest, slog.LevelDebug, false},
}

// For returns how to handle err, and the zero value for nil.
//
// Wrapping keeps the class. The innermost mark wins, which is that of NewTransient, NewPermanent, UserStatus or a method
// Class() Class. Without a mark, the first classifier that knows an error inside err decides. Unknown errors are permanent.
// Of joined errors, the first marked one decides.
func For(err error) Handling { return find(err).Handling }

// Classify returns the class of err, and "" for nil.
func Classify(err error) Class { return find(err).Class }

// UserText returns what the caller of a user error may read: the text of the innermost UserStatus, without that of the
// errors around it. It is empty for every other error.
func UserText(err error) string {
	if found := find(err); found.Class == User {
		return found.text
	}
	return ""
}

// RetryAfter returns the longest wait attached to err or an error inside it, or false if there is none. Of joined errors,
// the first with a wait counts.
func RetryAfter(err error) (wait time.Duration, ok bool) {
	for asks := range nested[interface{ retryAfter() time.Duration }](err) {
		wait = max(wait, asks.retryAfter())
	}
	return wait, wait > 0
}

// nested yields the errors of type T in err, outermost first. Of joined errors it follows the first that has one.
func nested[T any](err error) iter.Seq[T] {
	return func(yield func(T) bool) {
		var found T
		for errors.As(err, &found) && yield(found) {
			err = errors.Unwrap(any(found).(error)) //nolint:forcetypeassert // errors.As finds errors only
		}
	}
}

// NewTransient marks err as transient, unless an error inside it is marked already. Nil stays nil.
func NewTransient(err error) error { return annotate(annotated{error: err, class: Transient}) }

// NewPermanent marks err as permanent, unless an error inside it is marked already. Nil stays nil.
func NewPermanent(err error) error { return annotate(annotated{error: err, class: Permanent}) }

// UserStatus marks err as the caller's to correct, unless an error inside it is marked already. The caller reads its text,
// which must not hold internals. A status outside 400 to 499 becomes 400. Nil stays nil.
func UserStatus(status int, err error) error {
	if status < 400 || status > 499 {
		status = http.StatusBadRequest
	}
	return annotate(annotated{error: err, class: User, status: status})
}

// NewCanceled marks err as nobody's, since whoever asked has gone, unless an error inside it is marked already.
func NewCanceled(err error) error { return annotate(annotated{error: err, class: Canceled}) }

// Guard calls call and turns a panic into a permanent error with the stack: a bug costs one piece of work, not the service.
// The panic that breaks a connection goes on to net/http.
func Guard(call func() error) (err error) {
	defer func() {
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			panic(cause)
		default:
			err = NewPermanent(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
		}
	}()
	return call()
}

// After attaches the time to wait before a retry; it doesn't change the class. Nil stays nil.
func After(wait time.Duration, err error) error { return annotate(annotated{error: err, after: wait}) }

// annotated adds to an error without changing its text.
type annotated struct {
	error
	class  Class // "" if it is not marked
	status int   // of the response to a user error
	after  time.Duration
}

func (a *annotated) Unwrap() error             { return a.error }
func (a *annotated) Class() Class              { return a.class }
func (a *annotated) retryAfter() time.Duration { return a.after }

func annotate(a annotated) error {
	if a.error == nil {
		return nil
	}
	return &a
}

// StatusError is an upstream's response that is no success. Its code decides the class.
type StatusError struct {
	Code       int           // HTTP status
	RetryAfter time.Duration // wait that the upstream asked for; zero if none
}

func (e *StatusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("upstream answered %d %s", e.Code, http.StatusText(e.Code)))
}

func (e *StatusError) retryAfter() time.Duration { return e.RetryAfter }
