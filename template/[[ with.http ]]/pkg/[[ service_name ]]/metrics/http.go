package metrics

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const deduplicatedHelp = "Look-ups of idempotency keys by result (hit, miss, unavailable)."

// Bounded lists the label values that are known at start. Their series exist from then on, so rates and alerts see the
// first event.
type Bounded struct {
	Operations []string
	Steps      []string // of operations, of which only the errors are counted
	Channels   []string
	Dedup      []string
	Queues     []string
	Requests   []Request
}

// Request has the labels of an answered request.
type Request struct {
	Method, Route string
	Code          int
}

// edge has the collectors of the API and of the queue behind it.
type edge struct {
	factory

	inFlight       prometheus.Gauge
	requestSeconds *prometheus.HistogramVec
	queueSeconds   *prometheus.HistogramVec
}

func newEdge(f factory) edge {
	return edge{
		factory: f,
		inFlight: f.NewGauge(options("http_requests_in_flight",
			"HTTP requests being answered.")),
		requestSeconds: f.histogram("http_request_duration_seconds",
			"Duration of HTTP requests in seconds, by the route's pattern.",
			prometheus.DefBuckets, "method", "route", "code"),
		queueSeconds: f.histogram("queue_latency_seconds",
			"Time that resources wait for a worker in seconds, from when they are due.",
			[]float64{.5, 1, 5, 10, 30, 60, 300}, "queue_name"),
	}
}

func (e edge) initialize(b Bounded) {
	for _, queue := range b.Queues {
		e.queueSeconds.WithLabelValues(queue)
	}
	for _, request := range b.Requests {
		e.requestSeconds.WithLabelValues(request.Method, request.Route, strconv.Itoa(request.Code))
	}
}

// InFlight changes the number of requests being answered.
func (e edge) InFlight(delta int) {
	e.inFlight.Add(float64(delta))
}

// Request measures an answered request. The route is its pattern, never its path.
func (e edge) Request(method, route string, code int, took time.Duration) {
	e.requestSeconds.WithLabelValues(method, route, strconv.Itoa(code)).Observe(took.Seconds())
}

// QueueLatency measures how long a resource waited for a worker.
func (e edge) QueueLatency(queue string, waited time.Duration) {
	e.queueSeconds.WithLabelValues(queue).Observe(waited.Seconds())
}

// WatchQueue exposes a queue's depth, which is asked for at every scrape.
func (e edge) WatchQueue(queue string, depth func() int) {
	opts := options("queue_depth", "Resources that wait for a worker or for their retry.")
	opts.ConstLabels = prometheus.Labels{"queue_name": queue}
	e.NewGaugeFunc(opts, func() float64 { return float64(depth()) })
}
