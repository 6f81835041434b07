// Package assembly is the one place where the service is put together.
package assembly

import (
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"example.com/order-notifier/internal/platform/app"
	"example.com/order-notifier/internal/platform/auth"
	"example.com/order-notifier/pkg/order-notifier/delivery"
	"example.com/order-notifier/pkg/order-notifier/manager"
	"example.com/order-notifier/pkg/order-notifier/metrics"
	"example.com/order-notifier/pkg/order-notifier/processor"
	"example.com/order-notifier/pkg/order-notifier/server"
)

// Assemble wires the pipeline server → manager → processor → delivery → store. What the platform has
// opened for it comes in deps.
func Assemble(ctx context.Context, cfg Config, deps *app.Deps) (*app.Service, error) {
	names := slices.Sorted(maps.Keys(cfg.Channels))
	operations := append(cfg.channelOperations(),
		server.OperationCreate, server.OperationGet, server.OperationList,
		manager.OperationProcess, processor.OperationDeliver)
	measured := metrics.New(deps.Registry, metrics.Bounded{
		Operations: operations,
		Channels:   names,
		Queues:     []string{manager.QueueName},
		Dedup:      []string{manager.DedupHit, manager.DedupMiss, manager.DedupUnavailable},
		Requests:   requests(),
	})
	channels, err := cfg.openChannels(ctx, cfg, delivery.Options{
		Client:    webhookClient(cfg.Queue.Workers),
		Breaker:   cfg.Breaker,
		OnBreaker: measured.Breaker,
		Log:       deps.Log,
	}, measured, deps)
	if err != nil {
		return nil, err
	}
	resources, custody, err := cfg.openStore(deps)
	if err != nil {
		return nil, err
	}
	keys, err := cfg.openDedup(deps)
	if err != nil {
		return nil, err
	}
	pipeline := manager.New(manager.Options{
		Settings:     cfg.Queue,
		Store:        resources,
		Channels:     channels,
		Custody:      custody,
		Deduplicator: keys,
		Processor: processor.New(processor.Options{
			Channels: channels, Retry: cfg.Retry, Random: rand.Float64, Metrics: measured, Log: deps.Log,
		}),
		NewID:   newID,
		Metrics: measured,
		Log:     deps.Log,
	})
	measured.WatchQueue(manager.QueueName, pipeline.QueueDepth)
	return &app.Service{
		API: server.New(server.Options{
			Manager:   pipeline,
			Channels:  channels,
			Auth:      auth.Middleware(cfg.Auth.Mode, cfg.Auth.Token),
			BodyLimit: int64(cfg.Server.BodyLimit),
			Metrics:   measured,
			Log:       deps.Log,
		}),
		Run:   pipeline.Run,
		Drain: pipeline.Drain,
	}, nil
}

// requests lists the label sets of successful responses, to pre-create their series.
func requests() []metrics.Request {
	var usual []metrics.Request
	for _, route := range server.Routes() {
		usual = append(usual, metrics.Request{Method: route.Method, Route: route.Path, Code: route.Success})
	}
	return usual
}

// newID makes UUIDs of version 7 (RFC 9562), which sort by age.
func newID() string {
	return uuid.Must(uuid.NewV7()).String()
}

// webhookClient keeps one idle connection a worker to each host, where the default client keeps two.
// It follows no redirects: a receiver that has moved is for its owner to configure.
func webhookClient(workers int) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // the standard library's own
	transport.MaxIdleConnsPerHost = workers
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
