package server

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/order-notifier/internal/platform/fault"
	"example.com/order-notifier/internal/platform/httpserver"
	"example.com/order-notifier/internal/platform/jsonbody"
	"example.com/order-notifier/pkg/order-notifier/domain"
)

// keyPattern describes an idempotency key: visible ASCII characters, few enough to store.
var keyPattern = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)

// accepted is the response to a request that was accepted.
type accepted struct {
	ID        string       `json:"id"`
	Status    domain.Phase `json:"status"`
	CreatedAt time.Time    `json:"createdAt"`
}

// create accepts a resource. Its caller asks for the result later.
func (a *api) create(w http.ResponseWriter, r *http.Request) error {
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	spec, err := a.decodeSpec(r)
	if err != nil {
		return err
	}
	created, err := a.Submit(r.Context(), key, spec)
	if err != nil {
		return err
	}
	status := domain.Processing // once a worker has seen the resource, whatever its phase is now
	if created.Status.Phase == domain.Pending {
		status = domain.Pending
	}
	w.Header().Set("Location", r.URL.Path+"/"+created.ID)
	return httpserver.WriteJSON(w, http.StatusAccepted, accepted{created.ID, status, created.Status.CreatedAt})
}

// decodeSpec reads and validates the body. The error names every violation, one for each field.
func (a *api) decodeSpec(r *http.Request) (domain.Spec, error) {
	spec := domain.Spec{Priority: domain.PriorityMedium}
	invalid, err := jsonbody.Decode(r, &spec)
	if err != nil {
		return spec, err
	}
	if spec.Priority == "" { // a default is for callers who leave the field out
		invalid = append(invalid, httpserver.FieldError{Field: "/priority", Message: "must not be empty"})
	}
	for _, v := range spec.Validate(a.Channels.Names(r.Context())) {
		reported := func(e httpserver.FieldError) bool { return e.Field == "" || topField(e.Field) == topField(v.Field) }
		if !slices.ContainsFunc(invalid, reported) {
			invalid = append(invalid, httpserver.FieldError(v))
		}
	}
	return spec, httpserver.Invalid(invalid)
}

// topField returns the first part of a JSON pointer.
func topField(pointer string) string {
	top, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	return top
}

func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header["Idempotency-Key"]
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	if text, err := strconv.Unquote(key); err == nil && key[0] == '"' { // a string of RFC 8941, as the IETF draft writes it
		key = text
	}
	if len(values) > 1 || !keyPattern.MatchString(key) {
		return "", badRequest("the Idempotency-Key must be given once, with 1 to 255 visible ASCII characters")
	}
	return key, nil
}

func badRequest(detail string) error {
	return fault.UserStatus(http.StatusBadRequest, errors.New(detail))
}
