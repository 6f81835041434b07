package errors

import (
	"context"
	"net/http"
)

// certainty says how much a verdict is worth.
type certainty int

const (
	unknown  certainty = iota // nothing in the error tells
	implied                   // the type of an error tells
	explicit                  // somebody who knew better attached a class
)

// verdict is what is known about an error.
type verdict struct {
	class     Class
	certainty certainty
	refused   bool // the connection was refused: fewer attempts
	upstream  bool // the fault is on the far side of a connection: 502 and not 500
	status    int  // the HTTP answer of a user error; 0 means the table's
	public    string
}

// judge looks at err and everything inside it. What is further inside is closer to the cause and wins over what wraps
// it, except that an implied class never wins over an explicit one.
func judge(err error) verdict {
	own := judgeNode(err)
	inner := judgeAll(unwrap(err))
	if inner.certainty == unknown || inner.certainty < own.certainty {
		// The class is the outer one's; which side the fault is on is still known from inside.
		own.upstream = own.upstream || inner.upstream
		own.refused = own.refused || inner.refused
		return own
	}
	return inner
}

// judgeAll combines the branches of a joined error. The class that would be worst to hide wins: permanent (a fault that
// no retry removes), user (neither), transient, and last cancelled, which in a fan-out is mostly the echo of a sibling's
// failure. Branches about which nothing is known have no say, so that a sentinel joined to a cause hides nothing.
func judgeAll(branches []error) verdict {
	var worst verdict
	for _, branch := range branches {
		v := judge(branch)
		if v.certainty == unknown {
			continue
		}
		strongest := max(worst.certainty, v.certainty)
		if worst.certainty == unknown || weight(v) > weight(worst) {
			worst = v
		}
		worst.certainty = strongest
	}
	return worst
}

func weight(v verdict) int {
	switch v.class {
	case Permanent:
		return 4
	case User:
		return 3
	case Transient:
		if v.refused {
			return 1 // fewer attempts only if every transient branch was refused
		}
		return 2
	case Cancelled:
	}
	return 0
}

// judgeNode looks at err alone, not at what it wraps.
func judgeNode(err error) verdict {
	if c, ok := err.(*classified); ok { //nolint:errorlint // the caller walks the chain
		return verdict{class: c.class, certainty: explicit, status: c.status, public: c.err.Error()}
	}
	if c, ok := err.(interface{ Class() Class }); ok {
		return verdict{class: c.Class(), certainty: explicit, public: err.Error()}
	}
	for _, look := range classifiers() {
		if v := look(err); v.certainty != unknown {
			return v
		}
	}
	return verdict{}
}

// classifiers lists what can tell a class from an error's type. A backing service brings its own classifier as a file.
func classifiers() []func(error) verdict {
	return []func(error) verdict{fromContext, fromHTTP, fromTLS, fromNetwork}
}

func fromContext(err error) verdict {
	switch {
	case is(err, context.Canceled):
		return verdict{class: Cancelled, certainty: implied}
	case is(err, context.DeadlineExceeded):
		return verdict{class: Transient, certainty: implied}
	}
	return verdict{}
}

// is reports whether err itself, not what it wraps, stands for target: net has its own errors for a done context.
func is(err, target error) bool {
	if err == target { //nolint:errorlint // the caller walks the chain
		return true
	}
	self, ok := err.(interface{ Is(target error) bool })
	return ok && self.Is(target)
}

func fromHTTP(err error) verdict {
	switch e := any(err).(type) {
	case StatusError:
		return verdict{class: ClassOfStatus(e.Code), certainty: implied, upstream: true}
	case *StatusError:
		return verdict{class: ClassOfStatus(e.Code), certainty: implied, upstream: true}
	case *http.MaxBytesError:
		return verdict{class: User, certainty: implied, status: http.StatusRequestEntityTooLarge}
	}
	return verdict{}
}

// ClassOfStatus classifies the status that an upstream answered with. An upstream's verdict on our request (most 4xx) is
// permanent and not the caller's fault: we wrote that request. So are the 5xx that say "never" (501, 505, …).
func ClassOfStatus(code int) Class {
	switch code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Transient
	}
	return Permanent
}

// UserText returns the part of a user error that its caller may see: what was handed to the innermost NewUser or
// UserStatus, without the text that outer layers wrapped around it. It is empty for every other error.
func UserText(err error) string {
	if err == nil {
		return ""
	}
	if v := judge(err); v.class == User {
		return v.public
	}
	return ""
}
