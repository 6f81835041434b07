package httpserver

import "net/http"

// BodyLimit refuses bodies of more than n bytes with 413: at once if the length was announced, else while it is read.
func BodyLimit(n int64) Middleware {
	return func(next HandlerFunc) HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) error {
			if r.ContentLength > n {
				w.Header().Set("Connection", "close") // the body is not going to be read
				return &http.MaxBytesError{Limit: n}
			}
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = http.MaxBytesReader(innermost(w), r.Body, n)
			}
			return next(w, r)
		}
	}
}

// innermost returns net/http's own writer: only that one lets MaxBytesReader close the connection.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = wrapper.Unwrap()
	}
}
