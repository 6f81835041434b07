// Package bubble runs specs in bubbles of testing/synctest: time stands still while anything in the bubble can run, and
// jumps to the next timer when everything waits.
package bubble

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
)

// suite is what synctest.Test needs and Ginkgo doesn't pass on.
var suite *testing.T

// Use names the test that runs the suite. Call it before RunSpecs.
func Use(t *testing.T) { suite = t }

// Run runs the body of a spec in a bubble and waits for the goroutines that it started. They must end with ctx, which
// ends with the body. A bubble knows no I/O: a goroutine that waits for the network keeps time from passing. Of Ginkgo's
// functions, DeferCleanup doesn't work in it, since cleanup runs outside.
func Run(body func(ctx context.Context)) {
	GinkgoHelper()
	synctest.Test(suite, func(*testing.T) {
		defer GinkgoRecover()
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		body(ctx)
	})
}

// Wait waits until everything else in the bubble waits.
func Wait() { synctest.Wait() }

// Pass lets time pass.
func Pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
