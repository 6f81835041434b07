package testenv

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Answer answers one request to an Upstream.
type Answer func(w http.ResponseWriter, r *http.Request)

// Status answers with a status and a body that nobody is expected to read.
func Status(code int) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, http.StatusText(code))
	}
}

// StatusWith answers with a status and a header.
func StatusWith(code int, name, value string) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		Status(code)(w, r)
	}
}

// HangUp closes the connection in place of an answer.
func HangUp() Answer {
	return func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}
}

// Silence answers nothing until the caller gives up.
func Silence() Answer {
	return func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}
}

// Gate answers with the status once the gate is closed, or not at all if the caller gives up before.
func Gate(gate <-chan struct{}, code int) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-gate:
			Status(code)(w, r)
		case <-r.Context().Done():
		}
	}
}

// Received is a request that an Upstream got.
type Received struct {
	Host   string
	Header http.Header
	Body   []byte
}

// Upstream stands in for the receiver of a webhook. It takes POSTs to one path and answers them by script.
// Anything else fails the spec: a request that the script doesn't expect, another path or method, and at the
// end an answer that nobody asked for.
type Upstream struct {
	// URL is where it expects its requests.
	URL string

	mu       sync.Mutex
	script   []Answer
	always   Answer
	received []Received
}

// upstreamPath is in the URL so that a client that drops the path is noticed.
const upstreamPath = "/hooks/in"

// StartUpstream starts an upstream that answers each request with the next of the answers. It stops after
// the spec.
func StartUpstream(answers ...Answer) *Upstream {
	GinkgoHelper()
	u := &Upstream{script: answers}
	server := httptest.NewServer(http.HandlerFunc(u.serve))
	u.URL = server.URL + upstreamPath
	DeferCleanup(func() {
		server.CloseClientConnections()
		server.Close()
		if !CurrentSpecReport().Failed() {
			Expect(u.left()).To(BeZero(), "the upstream was asked less often than expected")
		}
	})
	return u
}

// Always makes the upstream answer every request that follows the script in one way.
func (u *Upstream) Always(answer Answer) *Upstream {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.always = answer
	return u
}

// Received returns the requests so far.
func (u *Upstream) Received() []Received {
	u.mu.Lock()
	defer u.mu.Unlock()
	return append([]Received(nil), u.received...)
}

// Calls counts the requests so far.
func (u *Upstream) Calls() int {
	return len(u.Received())
}

func (u *Upstream) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has given up
	}
	answer := u.take(r, body)
	if answer == nil {
		defer GinkgoRecover()
		w.WriteHeader(http.StatusNotImplemented)
		Fail("the upstream got a request that the spec doesn't expect: " + r.Method + " " + r.URL.String())
	}
	answer(w, r)
}

// take records a request and returns its answer, nil if none is expected.
func (u *Upstream) take(r *http.Request, body []byte) Answer {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.received = append(u.received, Received{Host: r.Host, Header: r.Header.Clone(), Body: body})
	if r.Method != http.MethodPost || r.URL.RequestURI() != upstreamPath {
		return nil
	}
	if len(u.script) == 0 {
		return u.always
	}
	next := u.script[0]
	u.script = u.script[1:]
	return next
}

func (u *Upstream) left() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return len(u.script)
}
