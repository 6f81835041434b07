package health

import (
	"bytes"
	"fmt"
	"net/http"
)

// Handler serves GET /healthz and /readyz. With ?verbose the latter lists each check. Causes stay in the log: whoever
// reaches the port learns names only.
func (r *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, "ok\n")
	})
	mux.HandleFunc("GET /readyz", r.readyz)
	return mux
}

func (r *Registry) readyz(w http.ResponseWriter, req *http.Request) {
	results, ready := r.Ready(req.Context())
	status, body := http.StatusOK, "ok\n"
	switch {
	case r.down.Load():
		status, body = http.StatusServiceUnavailable, "shutting down\n"
	case !ready:
		status, body = http.StatusServiceUnavailable, "not ready\n"
	}
	if req.URL.Query().Has("verbose") {
		body = list(results) + body
	}
	answer(w, status, body)
}

func list(results []Result) string {
	var text bytes.Buffer
	for _, result := range results {
		if result.Err != nil {
			fmt.Fprintf(&text, "[-] %s failed: see the log\n", result.Name)
			continue
		}
		fmt.Fprintf(&text, "[+] %s ok\n", result.Name)
	}
	return text.String()
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A probe that hung up is nobody's concern.
	_, _ = w.Write([]byte(body))
}
