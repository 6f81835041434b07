package health

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// check is one named condition.
type check struct {
	name    string
	run     func(context.Context) error
	failing atomic.Bool // the outcome that was logged last

	mu      sync.Mutex // guards current
	current *run       // the run under way, nil between runs
}

// run is one execution of a check, shared by all probes that ask while it lasts.
type run struct {
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // set before done is closed
}

// start joins the run under way or begins one. So a check that ignores its context costs one goroutine, not one a probe.
func (c *check) start(ctx context.Context) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		return c.current
	}
	// The run serves other probes too, so it must not end with the request of the first.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	current := &run{cancel: cancel, done: make(chan struct{})}
	c.current = current
	go func() {
		defer cancel(nil)
		err := c.safely(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		current.err = err
		c.current = nil
		close(current.done)
	}()
	return current
}

// safely turns a panic of the check into its failure: a probe must not end the process.
func (c *check) safely(ctx context.Context) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("running check %s: panic: %v", c.name, cause)
		}
	}()
	return c.run(ctx)
}

// result returns the outcome if it is there. If not, the check's time is up: its context ends.
func (r *run) result(timeout time.Duration) error {
	select {
	case <-r.done:
		return r.err
	default:
		r.cancel(context.DeadlineExceeded)
		return fmt.Errorf("waiting for the check: no answer within %s: %w", timeout, context.DeadlineExceeded)
	}
}
