// Package httpserver serves HTTP: a listener with limits, and a router that gives each request an id, a log line, its
// metrics and, if it fails, a problem as response.
package httpserver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// Timeouts bound the phases of a connection: reading a whole request, reading its header, writing the response, and
// waiting for the next request. Zero means no limit.
type Timeouts struct{ Read, ReadHeader, Write, Idle time.Duration }

// ServerOptions describe a Server. Name identifies it in errors and logs; port 0 selects a free port.
type ServerOptions struct {
	Name     string
	Port     int
	Handler  http.Handler
	Timeouts Timeouts
	Log      *slog.Logger
}

// Server is one listener on all interfaces. Start and Shutdown are called once each, in this order.
type Server struct {
	options  ServerOptions
	server   *http.Server
	listener net.Listener
	inFlight atomic.Int64
	cancel   context.CancelFunc // ends the context of every request
	done     chan error
}

// New returns a server that does not listen yet.
func New(options ServerOptions) *Server {
	s := &Server{options: options, done: make(chan error, 1)}
	s.server = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.inFlight.Add(1)
			defer s.inFlight.Add(-1)
			options.Handler.ServeHTTP(w, r)
		}),
		ReadTimeout:       options.Timeouts.Read,
		ReadHeaderTimeout: options.Timeouts.ReadHeader,
		WriteTimeout:      options.Timeouts.Write,
		IdleTimeout:       options.Timeouts.Idle,
		MaxHeaderBytes:    64 << 10, // what a caller can make the server keep before a handler runs
		ErrorLog:          slog.NewLogLogger(options.Log.With("server", options.Name).Handler(), slog.LevelWarn),
	}
	return s
}

// Start listens and serves in the background; it returns an error if the port is taken. The context of each request
// carries the values of ctx but does not end with it, because a shutdown lets requests finish.
func (s *Server) Start(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", ":"+strconv.Itoa(s.options.Port))
	if err != nil {
		return fmt.Errorf("opening the %s listener: %w", s.options.Name, err)
	}
	s.listener = listener
	base, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	s.server.BaseContext = func(net.Listener) context.Context { return base }
	go func() {
		defer close(s.done)
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.done <- fmt.Errorf("serving %s: %w", s.options.Name, err)
		}
	}()
	return nil
}

// Addr returns the address that the server listens on, such as [::]:8080. Call it after Start.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Done yields the error that ended the server before Shutdown. It is closed when the server has ended.
func (s *Server) Done() <-chan error { return s.done }

// Shutdown stops accepting connections and waits for the requests in flight. If ctx ends first, it cuts them, and the
// error says how many there were.
func (s *Server) Shutdown(ctx context.Context) error {
	if s.listener == nil {
		return nil
	}
	defer s.cancel()
	if s.server.Shutdown(ctx) == nil {
		return nil
	}
	err := fmt.Errorf("waiting for requests, %d cut: %w", s.inFlight.Load(), context.Cause(ctx))
	return errors.Join(err, s.server.Close())
}
