package fault

import (
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fromKubernetes classifies what the API server answers. Forbidden, unauthorized and not found are permanent: rights and
// objects that the service needs are for its operator to give it. What the API server refuses as invalid came from the
// caller.
func fromKubernetes(err error) verdict {
	status, ok := err.(apierrors.APIStatus) // the caller walks the chain
	if !ok {
		return fromRateLimiter(err)
	}
	found := verdict{class: classOfReason(status.Status()), certainty: implied, upstream: true}
	if found.class == User {
		found.status = int(status.Status().Code)
		found.public = err.Error()
	}
	return found
}

// fromRateLimiter knows the one error of client-go's own limit of requests (kubernetes.qps) by its text, since it has no
// type: the request's turn would have come too late.
func fromRateLimiter(err error) verdict {
	if strings.HasPrefix(err.Error(), "client rate limiter Wait returned an error") {
		return verdict{class: Transient, certainty: implied}
	}
	return verdict{}
}

func classOfReason(status metav1.Status) Class {
	switch status.Reason {
	case metav1.StatusReasonConflict, metav1.StatusReasonTooManyRequests, metav1.StatusReasonServerTimeout,
		metav1.StatusReasonTimeout, metav1.StatusReasonServiceUnavailable, metav1.StatusReasonInternalError,
		metav1.StatusReasonExpired: // a list or watch begins anew
		return Transient
	case metav1.StatusReasonInvalid, metav1.StatusReasonRequestEntityTooLarge:
		return User
	default:
		return ClassOfStatus(int(status.Code))
	}
}
