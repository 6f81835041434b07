// Package lifecycle stops a service in the order that loses no work: unready, wait, drain, close.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// The last five seconds of the pod's grace period (delay + timeout + 5 s) are for closing and for steps that return late.
const (
	closeTimeout = 3 * time.Second
	grace        = time.Second
)

// ErrAbandoned says that a function ignored the end of its context. It may still be running.
var ErrAbandoned = errors.New("did not return in time; abandoned")

// Shutdown holds the steps that stop a service. Register them before Run; no method is safe for concurrent use.
type Shutdown struct {
	Log     *slog.Logger
	Unready func()        // makes the readiness probe fail
	Delay   time.Duration // the wait after that, while endpoints are withdrawn and requests are still served
	Timeout time.Duration // for all drain steps together

	drains, closes []step
}

type step struct {
	name string
	run  func(ctx context.Context) error
}

// OnDrain adds a step that finishes or persists work. Steps run in the order of their registration and share Timeout. A
// step that has no time left still runs, with a context that has ended, and returns what it cuts.
func (s *Shutdown) OnDrain(name string, run func(ctx context.Context) error) {
	s.drains = append(s.drains, step{name, run})
}

// OnClose adds a step that releases something. Steps run after the drain, the last registered first.
func (s *Shutdown) OnClose(name string, run func(ctx context.Context) error) {
	s.closes = slices.Insert(s.closes, 0, step{name, run})
}

// Run stops the service and returns what failed or was cut. Ctx must not have ended; reason is for the log.
func (s *Shutdown) Run(ctx context.Context, reason string) error {
	s.Log.InfoContext(ctx, "Graceful shutdown initiated",
		"reason", reason, "delay", s.Delay.String(), "timeout", s.Timeout.String())
	s.Unready()
	<-time.After(s.Delay)
	err := s.Abort(ctx)
	if err != nil {
		s.Log.ErrorContext(ctx, "Graceful shutdown incomplete", "error", err.Error())
	} else {
		s.Log.InfoContext(ctx, "Graceful shutdown completed")
	}
	return err
}

// Abort runs the steps registered so far at once: the end of a start that failed. It returns every step's error.
func (s *Shutdown) Abort(ctx context.Context) error {
	return errors.Join(take(ctx, "draining", s.Timeout, s.drains), take(ctx, "closing", closeTimeout, s.closes))
}

func take(ctx context.Context, doing string, timeout time.Duration, steps []step) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	failed := make([]error, len(steps))
	for i, s := range steps {
		if err := Within(ctx, s.run); err != nil {
			failed[i] = fmt.Errorf("%s %s: %w", doing, s.name, err)
		}
	}
	return errors.Join(failed...)
}

// Within calls run. If run has not returned one second after ctx ended, Within returns ErrAbandoned and the cause of the
// end, and run goes on alone.
func Within(ctx context.Context, run func(ctx context.Context) error) error {
	result := make(chan error, 1)
	go func() { result <- run(ctx) }()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result:
		return err
	case <-time.After(grace):
		return errors.Join(context.Cause(ctx), ErrAbandoned)
	}
}
