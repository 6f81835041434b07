//go:build integration

package integration_test

import (
	"encoding/json"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"example.com/order-notifier/cmd/order-notifier/assembly"
	"example.com/order-notifier/test/testenv"
)

// aSpec is a valid spec for the channels.
func aSpec(channels ...string) testenv.Spec {
	return testenv.Spec{
		Type:     "order-shipped",
		Priority: "high",
		Data:     map[string]string{"order": "4711"},
		Channels: channels,
	}
}

var _ = Describe("BR-ORDERNOTIFIER-006: a resource from creation to completion", Label("integration", "BR-ORDERNOTIFIER-006", "BR-ORDERNOTIFIER-001", "BR-ORDERNOTIFIER-002"), func() {
	It("should be accepted, delivered to every channel and shown with its results", func(ctx SpecContext) {
		upstream := testenv.StartUpstream(testenv.Status(http.StatusNoContent))
		service := testenv.Start(ctx, testenv.WithWebhook("crm", upstream.URL))

		accepted := service.Create(ctx, aSpec("console", "crm"))
		Expect(accepted.Status).To(BeElementOf("pending", "processing"))
		r := service.Await(ctx, accepted.ID, "complete")

		Expect(r.Spec).To(Equal(aSpec("console", "crm")))
		Expect(r.Attempts).To(Equal(2))
		Expect(r.LastError).To(BeEmpty())
		for _, d := range r.Deliveries {
			Expect(d.Status).To(Equal("success"))
			Expect(d.Attempts).To(Equal(1))
			Expect(d.LastAttemptAt).To(BeTemporally(">=", r.Timestamps.StartedAt))
		}
		times := r.Timestamps
		Expect(times.CreatedAt).To(BeTemporally("~", time.Now(), time.Minute))
		Expect(times.CreatedAt).To(Equal(accepted.CreatedAt))
		Expect(times.StartedAt).To(BeTemporally(">=", times.CreatedAt))
		Expect(times.CompletedAt).To(BeTemporally(">=", times.StartedAt))
		Expect(times.NextRetryAt).To(BeZero())

		var message map[string]any
		Expect(json.Unmarshal(upstream.Received()[0].Body, &message)).To(Succeed())
		Expect(message).To(HaveKeyWithValue("id", accepted.ID))
		Expect(upstream.Received()[0].Header.Get("Idempotency-Key")).To(Equal(accepted.ID))
		Expect(service.Log.Lines("Console delivery")).To(HaveLen(1))
	})

	It("should show up in the list", Label("BR-ORDERNOTIFIER-003"), func(ctx SpecContext) {
		service := testenv.Start(ctx)
		first, second := service.Create(ctx, aSpec()), service.Create(ctx, aSpec())
		service.Await(ctx, first.ID, "complete")
		service.Await(ctx, second.ID, "complete")
		page := service.List(ctx, "status=complete&limit=1")
		Expect(page.Items).To(HaveLen(1))
		Expect(page.Items[0].ID).To(Equal(second.ID))
		rest := service.List(ctx, "status=complete&limit=1&cursor="+page.NextCursor)
		Expect(rest.Items).To(HaveLen(1))
		Expect(rest.Items[0].ID).To(Equal(first.ID))
		Expect(rest.NextCursor).To(BeEmpty())
	})

	It("should let the urgent ones overtake", Label("BR-ORDERNOTIFIER-007"), func(ctx SpecContext) {
		gate := make(chan struct{})
		upstream := testenv.StartUpstream(testenv.Gate(gate, http.StatusOK)).Always(testenv.Status(http.StatusOK))
		service := testenv.Start(ctx, testenv.WithWebhook("crm", upstream.URL), testenv.WithoutConsole(),
			testenv.WithConfig(func(cfg *assembly.Config) { cfg.Queue.Workers = 1 }))
		blocker := service.Create(ctx, aSpec())
		Eventually(ctx, upstream.Calls).Should(Equal(1))
		want := []string{blocker.ID}
		for _, priority := range []string{"low", "medium", "high", "critical"} {
			spec := aSpec()
			spec.Priority = priority
			want = append([]string{blocker.ID, service.Create(ctx, spec).ID}, want[1:]...)
		}
		close(gate)
		Eventually(ctx, upstream.Calls).Should(Equal(5))
		var order []string
		for _, request := range upstream.Received() {
			order = append(order, request.Header.Get("Idempotency-Key"))
		}
		Expect(order).To(Equal(want))
	})

	It("should leave its traces in the log, under its names", Label("BR-ORDERNOTIFIER-016"), func(ctx SpecContext) {
		service := testenv.Start(ctx)
		response := service.Post(ctx, aSpec(), testenv.Header{Name: "X-Request-Id", Value: "caller-1"})
		id := testenv.Decode[testenv.Accepted](response).ID
		service.Await(ctx, id, "complete")
		Expect(service.Log.Lines("Processing request")).To(ConsistOf(SatisfyAll(
			HaveKeyWithValue("operation", "process"),
			HaveKeyWithValue("resource", HaveSuffix("/"+id)),
			HaveKeyWithValue("request_id", "caller-1"),
		)))
		Expect(service.Log.Lines("Request served")).To(ContainElement(SatisfyAll(
			HaveKeyWithValue("operation", "create"),
			HaveKeyWithValue("request_id", "caller-1"),
			HaveKeyWithValue("status", 202.0),
		)))
		for _, line := range service.Log.Lines("") {
			Expect(time.Parse(time.RFC3339, line.Text("ts"))).Error().NotTo(HaveOccurred())
		}
	})
})

var _ = Describe("BR-ORDERNOTIFIER-015: the metrics of a running service", Label("integration", "BR-ORDERNOTIFIER-015"), func() {
	It("should exist before the first request", func(ctx SpecContext) {
		upstream := testenv.StartUpstream()
		families := testenv.Start(ctx, testenv.WithWebhook("crm", upstream.URL)).Scrape(ctx)
		for _, name := range []string{
			"operations_total", "operation_duration_seconds", "errors_total", "deliveries_total", "delivery_attempts_total",
			"retries_scheduled_total", "circuit_breaker_state", "deduplicated_total", "http_requests_in_flight",
			"http_request_duration_seconds", "queue_depth", "queue_latency_seconds", "build_info",
		} {
			Expect(families).To(HaveKey(testenv.MetricsPrefix + name))
		}
		Expect(families).To(HaveKey("go_goroutines"))
		Expect(families).To(HaveKey("process_open_fds"))
		Expect(families.Value("circuit_breaker_state", testenv.Tags{"target": "crm"})).To(BeZero())
	})

	It("should move with what the service does", func(ctx SpecContext) {
		upstream := testenv.StartUpstream(testenv.Status(http.StatusServiceUnavailable), testenv.Status(http.StatusOK))
		service := testenv.Start(ctx, testenv.WithWebhook("crm", upstream.URL), testenv.WithoutConsole())
		for range 2 {
			service.Await(ctx, service.Create(ctx, aSpec(), testenv.Key("k")).ID, "complete")
		}
		testenv.ExpectProblem(service.Post(ctx, "{}"), http.StatusBadRequest)

		Eventually(func(g Gomega) {
			families := service.Scrape(ctx)
			g.Expect(families.Value("operations_total", testenv.Tags{"operation": "process", "status": "success"})).To(Equal(1.0))
			for _, want := range []struct {
				name  string
				tags  testenv.Tags
				value float64
			}{
				{"operations_total", testenv.Tags{"operation": "create", "status": "success"}, 3},
				{"operation_duration_seconds", testenv.Tags{"operation": "create"}, 3},
				{"errors_total", testenv.Tags{"operation": "create", "error_type": "user"}, 1},
				{"errors_total", testenv.Tags{"operation": "deliver", "error_type": "transient"}, 1},
				{"deliveries_total", testenv.Tags{"channel": "crm", "result": "success"}, 1},
				{"deliveries_total", testenv.Tags{"channel": "crm", "result": "failure"}, 0},
				{"delivery_attempts_total", testenv.Tags{"channel": "crm", "result": "success"}, 1},
				{"delivery_attempts_total", testenv.Tags{"channel": "crm", "result": "failure"}, 1},
				{"retries_scheduled_total", testenv.Tags{"channel": "crm"}, 1},
				{"deduplicated_total", testenv.Tags{"result": "miss"}, 1},
				{"deduplicated_total", testenv.Tags{"result": "hit"}, 1},
				{"queue_depth", testenv.Tags{"queue_name": "main"}, 0},
				{"queue_latency_seconds", testenv.Tags{"queue_name": "main"}, 2},
				{"http_requests_in_flight", testenv.Tags{}, 0},
				{"http_request_duration_seconds", testenv.Tags{"method": "POST", "route": testenv.Collection, "code": "202"}, 2},
				{"http_request_duration_seconds", testenv.Tags{"method": "POST", "route": testenv.Collection, "code": "400"}, 1},
			} {
				g.Expect(families.Value(want.name, want.tags)).To(Equal(want.value), "%s %v", want.name, want.tags)
			}
		}).WithContext(ctx).Should(Succeed())
	})

	It("should not count probes and scrapes as requests", func(ctx SpecContext) {
		service := testenv.Start(ctx)
		Expect(service.Probe(ctx, "/healthz")).To(HaveHTTPStatus(http.StatusOK))
		service.Scrape(ctx)
		for _, series := range service.Scrape(ctx)[testenv.MetricsPrefix+"http_request_duration_seconds"] {
			Expect(series.Value).To(BeZero(), "%v", series.Tags)
		}
		Expect(service.Log.Lines("Request served")).To(BeEmpty())
	})
})

var _ = Describe("BR-ORDERNOTIFIER-014: the probes of a running service", Label("integration", "BR-ORDERNOTIFIER-014"), func() {
	It("should say that it lives and is ready", func(ctx SpecContext) {
		service := testenv.Start(ctx)
		Expect(service.Probe(ctx, "/healthz")).To(HaveHTTPStatus(http.StatusOK))
		Expect(service.Probe(ctx, "/readyz")).To(HaveHTTPStatus(http.StatusOK))
		Expect(service.Probe(ctx, "/readyz?verbose")).To(HaveHTTPStatus(http.StatusOK))
	})

	It("should stand on a port of their own", func(ctx SpecContext) {
		service := testenv.Start(ctx)
		testenv.ExpectProblem(service.Get(ctx, "/healthz"), http.StatusNotFound)
		Expect(service.Probe(ctx, testenv.Collection)).To(HaveHTTPStatus(http.StatusNotFound))
	})
})
