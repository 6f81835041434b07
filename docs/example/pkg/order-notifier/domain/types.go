// Package domain is what the service is about: the resource, its phases and deliveries, the rules for a valid spec, and the
// interfaces between the other packages. It does not know how resources arrive, or where they are kept.
package domain

import (
	"slices"
	"time"
)

// Names of the resource, as they appear in logs and in the API.
const (
	Kind   = "Notification"
	Plural = "notifications"
)

// Priority says how urgent a resource is.
type Priority string

// The priorities, lowest first.
const (
	PriorityLow      Priority = "low"
	PriorityMedium   Priority = "medium"
	PriorityHigh     Priority = "high"
	PriorityCritical Priority = "critical"
)

// Priorities lists all priorities, lowest first.
func Priorities() []Priority {
	return []Priority{PriorityLow, PriorityMedium, PriorityHigh, PriorityCritical}
}

// Spec is what a resource asks for. An accepted resource keeps its spec.
type Spec struct {
	Type     string            `json:"type"`
	Priority Priority          `json:"priority"`
	Data     map[string]string `json:"data,omitzero"`
	Channels []string          `json:"channels"` // the names of the channels to deliver to, without repetition
}

// Notification is a resource: a spec, and how far the service is with it.
type Notification struct {
	ID     string
	Spec   Spec
	Status Status
}

// Status says how far the service is with a resource.
type Status struct {
	Phase       Phase
	Deliveries  []Delivery
	LastError   string
	CreatedAt   time.Time
	StartedAt   time.Time
	NextRetryAt time.Time // when the next attempt is due; zero unless the phase is Retrying
	CompletedAt time.Time
}

// Attempts counts the attempts of all channels, the first ones included.
func (s Status) Attempts() int {
	total := 0
	for _, d := range s.Deliveries {
		total += d.Attempts
	}
	return total
}

// DeliveryState says how far the delivery to one channel is.
type DeliveryState string

// The states of a delivery. Success and failure are final.
const (
	DeliveryPending  DeliveryState = "pending"
	DeliveryRetrying DeliveryState = "retrying"
	DeliverySuccess  DeliveryState = "success"
	DeliveryFailure  DeliveryState = "failure"
)

// Delivery is the outcome for one channel, in the form of the API.
type Delivery struct {
	Channel string        `json:"channel"`
	State   DeliveryState `json:"status"`
	// Attempts counts the attempts so far, the first included.
	Attempts      int       `json:"attempts"`
	LastAttemptAt time.Time `json:"lastAttemptAt,omitzero"`
	// NextAttemptAt is when the next attempt is due; zero unless the state is retrying.
	NextAttemptAt time.Time `json:"-"`
	// Error says why the last attempt failed. Users read it, so it holds no internals.
	Error string `json:"error,omitempty"`
}

// Final tells whether there will be no further attempt.
func (d Delivery) Final() bool {
	return d.State == DeliverySuccess || d.State == DeliveryFailure
}

// New returns a resource in its first phase with a pending delivery for each channel.
func New(id string, spec Spec, now time.Time) Notification {
	deliveries := make([]Delivery, len(spec.Channels))
	for i, channel := range spec.Channels {
		deliveries[i] = Delivery{Channel: channel, State: DeliveryPending}
	}
	return Notification{ID: id, Spec: spec, Status: Status{Phase: Pending, Deliveries: deliveries, CreatedAt: now}}
}

// Clone returns a copy with a status of its own. The spec is shared, since nobody changes it.
func (r Notification) Clone() Notification {
	r.Status.Deliveries = slices.Clone(r.Status.Deliveries)
	return r
}
