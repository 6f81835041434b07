package queue

import "context"

// Custody reads and writes the resources of a queue's items during attempts, and decides what happens to items that the
// process leaves unfinished. InMemory is the custody of items that end with the process.
type Custody[R any] interface {
	Keeper
	// Take reads a resource for an attempt. The record stores the attempt's changes.
	Take(ctx context.Context, id string) (R, Record[R], error)
}

// Record stores what an attempt changes in its resource.
type Record[R any] interface {
	// Begin stores the resource before the attempt.
	Begin(ctx context.Context, r R) error
	// Finish stores the resource after the attempt, even if ctx has ended.
	Finish(ctx context.Context, r R) error
}

// Keeper is the part of a Custody that the queue uses.
type Keeper interface {
	// attach is called once, before all other methods.
	attach(q *Queue)
	// run searches for items that other processes left, until ctx or the search ends.
	run(ctx context.Context)
	// hurry is called when the process begins to stop and still accepts items.
	hurry()
	// drain closes the queue.
	drain(ctx context.Context)
	// handOver takes an item that gets no further attempt in this process.
	handOver(ctx context.Context, it *item)
	// postpone takes an item after an error that isn't the item's, or returns false.
	postpone(ctx context.Context, it *item, err error) bool
}

// Store is what InMemory needs of a store.
type Store[R any] interface {
	Get(ctx context.Context, id string) (R, error)
	Update(ctx context.Context, r R) error
}

// memory has nobody to hand items over to: at shutdown, each gets one last attempt at once and is then reported.
type memory[R any] struct {
	store Store[R]
	queue *Queue
}

// InMemory returns the custody of resources whose store ends with the process.
func InMemory[R any](store Store[R]) Custody[R] { return &memory[R]{store: store} }

func (m *memory[R]) Take(ctx context.Context, id string) (R, Record[R], error) {
	r, err := m.store.Get(ctx, id)
	return r, m, err
}

func (m *memory[R]) Begin(ctx context.Context, r R) error        { return m.store.Update(ctx, r) }
func (m *memory[R]) Finish(ctx context.Context, r R) error       { return m.store.Update(ctx, r) }
func (m *memory[R]) attach(q *Queue)                             { m.queue = q }
func (m *memory[R]) run(context.Context)                         {}
func (m *memory[R]) hurry()                                      { m.queue.hurry() }
func (m *memory[R]) drain(context.Context)                       { m.queue.close() }
func (m *memory[R]) handOver(_ context.Context, it *item)        { m.queue.leave(it) }
func (m *memory[R]) postpone(context.Context, *item, error) bool { return false }
