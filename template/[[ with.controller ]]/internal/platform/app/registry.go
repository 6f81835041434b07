package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	controllermetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// newRegistry returns a registry with the metrics of Go and of the process. controller-runtime registers them in its own,
// with Go's old memory statistics, which have a counter and a gauge of one name: OpenMetrics forbids that. A collector is
// known by its descriptions, so that equal ones take them out there.
func newRegistry() *prometheus.Registry {
	process := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})
	controllermetrics.Registry.Unregister(process)
	controllermetrics.Registry.Unregister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))
	registry := prometheus.NewRegistry()
	registry.MustRegister(process, collectors.NewGoCollector(
		collectors.WithGoCollectorMemStatsMetricsDisabled(),
		collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsMemory),
	))
	return registry
}

// gathered is what the metrics port shows: the service's own metrics and controller-runtime's.
func gathered(registry *prometheus.Registry) prometheus.Gatherer {
	return prometheus.Gatherers{registry, controllermetrics.Registry}
}
