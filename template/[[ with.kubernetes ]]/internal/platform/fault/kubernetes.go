package fault

import (
	"context"
	"errors"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fromKubernetes: forbidden, unauthorized and not found are permanent, since the service's operator has to grant the
// right or create the object. What the API server calls invalid came from the caller.
func fromKubernetes(err error) finding {
	var response apierrors.APIStatus
	if !errors.As(err, &response) {
		// client-go's own limit (kubernetes.qps) has no error type.
		if strings.Contains(err.Error(), "client rate limiter Wait returned an error") && !errors.Is(err, context.Canceled) {
			return finding{Handling: table[Transient]}
		}
		return finding{}
	}
	status := response.Status()
	if status.Reason == metav1.StatusReasonForbidden && strings.Contains(status.Message, "exceeded quota") {
		return upstream(Transient) // a ResourceQuota; there is room again when something is deleted
	}
	switch status.Reason {
	case metav1.StatusReasonConflict, metav1.StatusReasonTooManyRequests, metav1.StatusReasonServerTimeout,
		metav1.StatusReasonTimeout, metav1.StatusReasonServiceUnavailable, metav1.StatusReasonInternalError,
		metav1.StatusReasonExpired: // the list or watch starts over
		return upstream(Transient)
	case metav1.StatusReasonInvalid, metav1.StatusReasonRequestEntityTooLarge:
		found := finding{table[User], status.Message}
		found.Status = int(status.Code)
		return found
	default:
		return upstream(classOfStatus(int(status.Code)))
	}
}
