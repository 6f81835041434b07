package fault

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/url"
	"syscall"
)

// fromTLS: a peer that cannot be trusted, or does not speak TLS, is the same at the next attempt.
func fromTLS(err error) verdict {
	switch any(err).(type) {
	case *tls.CertificateVerificationError, tls.AlertError, tls.RecordHeaderError, *tls.ECHRejectionError,
		x509.CertificateInvalidError, x509.ConstraintViolationError, x509.HostnameError, x509.InsecureAlgorithmError,
		x509.SystemRootsError, x509.UnhandledCriticalExtension, x509.UnknownAuthorityError:
		return verdict{class: Permanent, certainty: implied, upstream: true}
	}
	return verdict{}
}

// fromNetwork: what happens between two machines passes, unless the name does not exist.
func fromNetwork(err error) verdict {
	passing := verdict{class: Transient, certainty: implied, upstream: true}
	switch e := any(err).(type) {
	case syscall.Errno:
		return fromErrno(e)
	case *net.DNSError:
		if e.IsNotFound && !e.IsTemporary && !e.IsTimeout {
			return verdict{class: Permanent, certainty: implied, upstream: true}
		}
		return passing
	case *net.OpError:
		return passing
	case *url.Error:
		// A bare EOF is the far side hanging up only when an HTTP client says so; elsewhere it is the end of some input.
		if e.Err == io.EOF || e.Err == io.ErrUnexpectedEOF { //nolint:errorlint // the caller walks the chain
			return passing
		}
	}
	if timed, ok := err.(interface{ Timeout() bool }); ok && timed.Timeout() {
		return passing
	}
	return verdict{}
}

func fromErrno(errno syscall.Errno) verdict {
	switch errno {
	case syscall.ECONNREFUSED:
		return verdict{class: Transient, certainty: implied, upstream: true, refused: true}
	case syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, syscall.ETIMEDOUT, syscall.EHOSTUNREACH,
		syscall.ENETUNREACH, syscall.EHOSTDOWN, syscall.ENETDOWN, syscall.ENETRESET:
		return verdict{class: Transient, certainty: implied, upstream: true}
	}
	return verdict{}
}
