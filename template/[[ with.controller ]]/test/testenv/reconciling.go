package testenv

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// Metrics of controller-runtime, which count for all services of the suite.
const (
	reconcilesTotal      = "controller_runtime_reconcile_total"
	reconcileErrorsTotal = "controller_runtime_reconcile_errors_total"
	reconcilePanicsTotal = "controller_runtime_reconcile_panics_total"
)

// provoked counts the reconciles that failed because a spec wanted it.
var provoked float64

// ProvokeReconcileErrors says that the spec makes reconciles fail, which ExpectCleanReconciling then forgives. Call it
// before Start.
func ProvokeReconcileErrors() {
	before := sum(reconcileErrorsTotal)
	DeferCleanup(func() { provoked += sum(reconcileErrorsTotal) - before })
}

// ExpectCleanReconciling checks after the suite that no reconcile has panicked and that none has failed by itself.
func ExpectCleanReconciling() {
	GinkgoHelper()
	Expect(sum(reconcilePanicsTotal)).To(BeZero(), "reconciles have panicked; the reports of their specs have the log")
	Expect(sum(reconcileErrorsTotal)).To(Equal(provoked), "reconciles have failed that no spec has provoked")
}

// Reconciles counts the reconciles so far, those of earlier specs included.
func Reconciles() float64 {
	GinkgoHelper()
	return sum(reconcilesTotal)
}

// sum adds the series of a counter.
func sum(name string) float64 {
	GinkgoHelper()
	families, err := metrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	total := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, series := range family.GetMetric() {
			total += series.GetCounter().GetValue()
		}
	}
	return total
}
