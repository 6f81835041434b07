package logging

import (
	"cmp"
	"context"
)

// Fields identify what a piece of work is about.
type Fields struct {
	RequestID string // one HTTP request or one reconcile
	Operation string // a verb from a small set: create, get, list, process, deliver
	Resource  string // kind and id, as in "Order/42"
}

type fieldsKey struct{}

// WithFields returns a context that carries all of fields. The pointer is kept: fields must not change once more than one
// goroutine uses the context.
func WithFields(ctx context.Context, fields *Fields) context.Context {
	return context.WithValue(ctx, fieldsKey{}, fields)
}

// FieldsFrom returns a copy of what ctx carries.
func FieldsFrom(ctx context.Context) Fields {
	if fields, ok := ctx.Value(fieldsKey{}).(*Fields); ok {
		return *fields
	}
	return Fields{}
}

// RequestID returns the request's id, empty if ctx carries none.
func RequestID(ctx context.Context) string { return FieldsFrom(ctx).RequestID }

// With returns a context whose log records carry the fields that are not empty, and else those of ctx.
func With(ctx context.Context, fields Fields) context.Context {
	before := FieldsFrom(ctx)
	return WithFields(ctx, &Fields{
		RequestID: cmp.Or(fields.RequestID, before.RequestID),
		Operation: cmp.Or(fields.Operation, before.Operation),
		Resource:  cmp.Or(fields.Resource, before.Resource),
	})
}
