package metrics

import "github.com/prometheus/client_golang/prometheus"

// Custom holds the service's own metrics. Declare one as a field, make it in newCustom and register it
// there; its methods and fields are then part of Metrics.
//
//	type Custom struct {
//		Refunds prometheus.Counter
//	}
type Custom struct{}

// newCustom makes and registers the service's own metrics.
func newCustom(_ prometheus.Registerer) Custom {
	return Custom{}
}
