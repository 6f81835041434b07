package fault

import (
	"log/slog"
	"net/http"
)

// StatusClientClosedRequest stands in the access log for a request whose caller went away. It is never sent.
const StatusClientClosedRequest = 499

// Handling is what one row of the table decides. See docs: ERROR_HANDLING_PHILOSOPHY.
type Handling struct {
	Class Class
	// Attempts is how often to try in all, the first included. A policy may allow fewer.
	Attempts int
	// Status is the HTTP answer; 499 is for the log only.
	Status int
	// Label is the value of error_type; empty means that the error is not counted.
	Label string
	// Reason is the reason of the condition Ready=False; empty leaves the condition unchanged.
	Reason string
	// Level is the log level while another attempt will follow, GivenUp the level when none will.
	Level, GivenUp slog.Level
	// Retryable says whether another attempt can succeed with the same input.
	Retryable bool
}

// row names a line of the table. Two classes have more than one line.
type row int

const (
	rowPermanent row = iota // the default for what nobody classified
	rowPermanentUpstream
	rowTransient
	rowTransientRefused
	rowUser
	rowCancelled
)

// handling is the one table that drives retries, answers, conditions, labels and log levels.
func (r row) handling() Handling {
	switch r {
	case rowTransient:
		return Handling{
			Class: Transient, Attempts: 5, Status: http.StatusServiceUnavailable, Label: string(Transient), Reason: "Retrying",
			Level: slog.LevelWarn, GivenUp: slog.LevelError, Retryable: true,
		}
	case rowTransientRefused:
		// Nothing listens there: a rollout answers within the first tries, a wrong address never does.
		return Handling{
			Class: Transient, Attempts: 3, Status: http.StatusServiceUnavailable, Label: string(Transient), Reason: "Retrying",
			Level: slog.LevelWarn, GivenUp: slog.LevelError, Retryable: true,
		}
	case rowPermanentUpstream:
		return Handling{
			Class: Permanent, Attempts: 1, Status: http.StatusBadGateway, Label: string(Permanent), Reason: "Failed",
			Level: slog.LevelError, GivenUp: slog.LevelError,
		}
	case rowUser:
		return Handling{
			Class: User, Attempts: 1, Status: http.StatusBadRequest, Label: string(User), Reason: "Invalid",
			Level: slog.LevelInfo, GivenUp: slog.LevelInfo,
		}
	case rowCancelled:
		return Handling{
			Class: Cancelled, Attempts: 1, Status: StatusClientClosedRequest,
			Level: slog.LevelDebug, GivenUp: slog.LevelDebug,
		}
	case rowPermanent:
	}
	return Handling{
		Class: Permanent, Attempts: 1, Status: http.StatusInternalServerError, Label: string(Permanent), Reason: "Failed",
		Level: slog.LevelError, GivenUp: slog.LevelError,
	}
}

// For returns how to handle err. Nil needs no handling and gives the zero value.
func For(err error) Handling {
	if err == nil {
		return Handling{}
	}
	verdict := judge(err)
	handling := verdict.row().handling()
	if verdict.status != 0 {
		handling.Status = verdict.status
	}
	return handling
}

// Classify returns the class of err, and "" for nil.
func Classify(err error) Class { return For(err).Class }

func (v verdict) row() row {
	switch v.class {
	case Transient:
		if v.refused {
			return rowTransientRefused
		}
		return rowTransient
	case User:
		return rowUser
	case Cancelled:
		return rowCancelled
	case Permanent:
		if v.upstream {
			return rowPermanentUpstream
		}
	}
	return rowPermanent
}
