package assembly

import (
	"context"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	ctrlmanager "sigs.k8s.io/controller-runtime/pkg/manager"
)

// stoppable is a manager that can be stopped while it waits for its cache, as a service without the right to list does.
// controller-runtime (v0.25.2) waits on, at full load, until the cache is filled or the process is killed.
type stoppable struct {
	ctrlmanager.Manager

	stopping chan struct{}
}

// Start implements Manager.
func (s stoppable) Start(ctx context.Context) error {
	release := context.AfterFunc(ctx, func() { close(s.stopping) })
	defer release()
	return s.Manager.Start(ctx)
}

// newCache makes the cache of a manager that ends its wait when stopping is closed.
func newCache(stopping <-chan struct{}) cache.NewCacheFunc {
	return func(api *rest.Config, options cache.Options) (cache.Cache, error) {
		filled, err := cache.New(api, options)
		if err != nil {
			return nil, err
		}
		return abandoned{Cache: filled, stopping: stopping}, nil
	}
}

// abandoned is a cache that nobody waits for any more once the manager stops.
type abandoned struct {
	cache.Cache

	stopping <-chan struct{}
}

// WaitForCacheSync implements Cache.
func (a abandoned) WaitForCacheSync(ctx context.Context) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	synced := make(chan bool, 1)
	go func() { synced <- a.Cache.WaitForCacheSync(ctx) }() // ends with ctx
	select {
	case ok := <-synced:
		return ok
	case <-a.stopping:
		return true
	}
}
