package controller

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// maxMessage is the longest text in bytes that conditions and events take.
const maxMessage = 1024

// Shorten cuts a text to what the status, conditions and events take.
func Shorten(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	const more = "..."
	return strings.ToValidUTF8(text[:maxMessage-len(more)], "") + more
}

// Past returns a time of the past for the API, in which times are whole seconds: the last full one. Zero gives nil.
func Past(t time.Time) *metav1.Time {
	if t.IsZero() {
		return nil
	}
	return &metav1.Time{Time: t.Truncate(time.Second)}
}

// Due returns a time of the future for the API: the next full second, so that recording it shortens no delay.
func Due(t time.Time) *metav1.Time {
	if rounded := Past(t); rounded == nil || rounded.Time.Equal(t) {
		return rounded
	}
	return Past(t.Add(time.Second))
}

// Time returns a time of the API, zero for nil.
func Time(t *metav1.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.Time
}
