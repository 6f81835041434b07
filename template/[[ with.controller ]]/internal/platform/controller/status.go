package controller

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// The engine writes to a resource at most three times for each outcome:
//
//  1. The claim, before any attempt: the finalizer if it is missing, else the phase in which attempts are made. It only
//     succeeds on the version that the cache has, so that a stale cache is noticed before attempts are repeated.
//  2. That phase, if the attempts take long and the claim did not say it.
//  3. The outcome.
//
// Only a crash between the attempts and the outcome repeats attempts.

// Types of the conditions, which kstatus reads. Ready is True once the resource has reached what its spec asks for, Stalled
// while it has failed for good.
const (
	conditionReady   = "Ready"
	conditionStalled = "Stalled"
)

// writeTimeout bounds the writing of an outcome.
const writeTimeout = 10 * time.Second

// errSurpassed says that somebody else has recorded results since the step began.
var errSurpassed = errors.New("somebody else has recorded results")

// outcome is the result of a step.
type outcome[O client.Object, R any] struct {
	object   O // the resource as it was when the step began, with the claim
	resource R
}

// clone returns a deep copy with its type.
func clone[O client.Object](object O) O {
	return object.DeepCopyObject().(O) //nolint:forcetypeassert // a copy has the type of the original
}

// late returns the outcome for the object that could not be written, not that of an earlier object with its name.
func (e *Engine[O, R]) late(object O) (outcome[O, R], bool) {
	kept, _ := e.unwritten.Load(client.ObjectKeyFromObject(object))
	o, ok := kept.(outcome[O, R])
	return o, ok && o.object.GetUID() == object.GetUID()
}

// recorded returns the state in the status of object.
func (e *Engine[O, R]) recorded(object O) State {
	state := e.Kind.State(e.Kind.Read(object))
	state.Message = Shorten(state.Message)
	return state
}

// observed returns the generation that the status of object is about.
func (e *Engine[O, R]) observed(object O) int64 {
	generation, _ := e.Kind.Status(object)
	return *generation
}

// locked makes a patch fail with a conflict if the object has changed meanwhile.
func locked(object client.Object) client.Patch {
	return client.MergeFromWithOptions(object, client.MergeFromWithOptimisticLock{})
}

// claim checks that the cache is current. It returns the object as written.
func (e *Engine[O, R]) claim(ctx context.Context, object O, resource R) (O, error) {
	claimed := clone(object)
	if !controllerutil.AddFinalizer(claimed, e.Finalizer) {
		shown, err := e.show(ctx, object, resource)
		if err != nil {
			return object, fmt.Errorf("claiming the resource: %w", err)
		}
		return shown, nil
	}
	if err := e.Client.Patch(ctx, claimed, locked(object)); err != nil {
		return object, fmt.Errorf("adding the finalizer: %w", err)
	}
	return claimed, nil
}

// show records that attempts are in progress.
func (e *Engine[O, R]) show(ctx context.Context, object O, resource R) (O, error) {
	shown, err := e.write(ctx, object, resource, object.GetGeneration())
	if err == nil {
		e.Metrics.Processed(e.Kind.State(resource).Phase)
	}
	return shown, err
}

// write patches the status of object to that of the resource, whose spec is of the generation. It returns the object as
// the API server has it then, or as it was, with an error.
func (e *Engine[O, R]) write(ctx context.Context, object O, resource R, generation int64) (O, error) {
	written := clone(object)
	_, conditions := e.Kind.Status(object)
	kept := slices.Clone(*conditions)
	e.Kind.Write(written, resource)
	state := e.recorded(written)
	ready := metav1.Condition{
		Type: conditionReady, Status: metav1.ConditionFalse, Reason: state.Reason, Message: state.Message,
		ObservedGeneration: generation, LastTransitionTime: *Past(time.Now()),
	}
	if state.ready() {
		ready.Status = metav1.ConditionTrue
	}
	meta.SetStatusCondition(&kept, ready)
	meta.RemoveStatusCondition(&kept, conditionStalled)
	if state.Final && !state.ready() {
		stalled := ready
		stalled.Type, stalled.Status = conditionStalled, metav1.ConditionTrue
		meta.SetStatusCondition(&kept, stalled)
	}
	observed, conditions := e.Kind.Status(written)
	*observed, *conditions = generation, kept
	if err := e.Client.Status().Patch(ctx, written, locked(object)); err != nil {
		return object, err
	}
	return written, nil
}

// record writes an outcome and returns the object with it. Other changes meanwhile, to labels for example, do not prevent
// that. Results that somebody else has recorded meanwhile do: they stay, and the error is a conflict.
func (e *Engine[O, R]) record(ctx context.Context, o outcome[O, R]) (O, error) {
	// The attempts were made, even if their context has ended since.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	latest := clone(o.object)
	err := retry.OnError(retry.DefaultRetry, again, func() (err error) {
		latest, err = e.write(ctx, latest, o.resource, o.object.GetGeneration())
		if !apierrors.IsConflict(err) {
			return err
		}
		if unread := e.Live.Get(ctx, client.ObjectKeyFromObject(latest), latest); unread != nil {
			return unread
		}
		if e.surpassed(o.object, latest) {
			return errors.Join(errSurpassed, err)
		}
		return err
	})
	if err != nil {
		return latest, fmt.Errorf("recording the outcome: %w", err)
	}
	return latest, nil
}

// again tells whether to write once more, over the other changes.
func again(err error) bool {
	return apierrors.IsConflict(err) && !errors.Is(err, errSurpassed)
}

// surpassed tells whether somebody else has recorded results since the step began.
func (e *Engine[O, R]) surpassed(began, latest O) bool {
	return latest.GetUID() != began.GetUID() ||
		e.recorded(latest).Attempts != e.recorded(began).Attempts ||
		e.observed(latest) > began.GetGeneration()
}

// discard releases what is held for a deleted resource, then removes the finalizer.
func (e *Engine[O, R]) discard(ctx context.Context, object O) error {
	e.unwritten.Delete(client.ObjectKeyFromObject(object))
	released := clone(object)
	if !controllerutil.RemoveFinalizer(released, e.Finalizer) {
		return nil // it waits for the finalizers of others
	}
	if err := e.Kind.Discard(ctx, e.Kind.Read(object)); err != nil {
		return fmt.Errorf("cleaning up: %w", err)
	}
	if err := e.Client.Patch(ctx, released, locked(object)); err != nil {
		return client.IgnoreNotFound(fmt.Errorf("removing the finalizer: %w", err))
	}
	e.Log.DebugContext(ctx, "Cleaned up")
	return nil
}
