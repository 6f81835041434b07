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
	measured := metrics.New(deps.Registry, metrics.Bounded{
		Operations: []string{server.OperationCreate, server.OperationGet, server.OperationList, manager.OperationProcess},
		Steps:      append(cfg.channelOperations(), processor.OperationDeliver),
		Channels:   slices.Sorted(maps.Keys(cfg.Channels)),
		Queues:     []string{manager.QueueName},
		Dedup:      []string{manager.DedupHit, manager.DedupMiss, manager.DedupUnavailable},
		Routes:     server.Routes(),
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
	measured.WatchQueue(manager.QueueName, pipeline.Depth)
	return &app.Service{
		API: server.New(server.Options{
			Submit:    pipeline.Submit,
			Store:     resources,
			Channels:  channels,
			Auth:      auth.Middleware(cfg.Auth.Mode, cfg.Auth.Token),
			BodyLimit: int64(cfg.Server.BodyLimit),
			InFlight:  int64(cfg.Server.InFlight),
			Metrics:   measured,
			Log:       deps.Log,
		}),
		Run:   pipeline.Run,
		Hurry: pipeline.Hurry,
		Drain: pipeline.Drain,
	}, nil
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
