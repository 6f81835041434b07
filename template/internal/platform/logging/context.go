package logging

import "context"

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

// WithRequestID returns a context whose log records carry the request's id.
func WithRequestID(ctx context.Context, id string) context.Context {
	fields := FieldsFrom(ctx)
	fields.RequestID = id
	return WithFields(ctx, &fields)
}

// WithOperation returns a context whose log records carry the operation.
func WithOperation(ctx context.Context, operation string) context.Context {
	fields := FieldsFrom(ctx)
	fields.Operation = operation
	return WithFields(ctx, &fields)
}

// WithResource returns a context whose log records carry the resource.
func WithResource(ctx context.Context, resource string) context.Context {
	fields := FieldsFrom(ctx)
	fields.Resource = resource
	return WithFields(ctx, &fields)
}
