package app

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	controllermetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// withControllerRuntime gathers controller-runtime's metrics too. The metrics of Go and of the process come from the
// service's registry alone; a registry knows a collector by its descriptions, so equal ones unregister them.
func withControllerRuntime(registry *prometheus.Registry) prometheus.Gatherer {
	controllermetrics.Registry.Unregister(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	controllermetrics.Registry.Unregister(
		collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(collectors.MetricsAll)))
	return prometheus.Gatherers{registry, controllermetrics.Registry}
}
