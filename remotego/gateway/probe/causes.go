package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
)

// Codes of failures. Cut alone comes with a status: an answer that has begun, and is not whole.
const (
	Cut          = "cut"
	Refused      = "refused"
	Reset        = "reset"
	Unreachable  = "unreachable"
	Unresolved   = "unresolved"
	Certificate  = "certificate"
	TLS          = "tls"
	NoConnection = "no-connection"
	Silent       = "silent"
	HTTPProxy    = "http-proxy"
	RedirectHTTP = "redirect-to-http"
	RedirectLoop = "redirect-loop"
	NoNetwork    = "no-network"
	Unreadable   = "unreadable"
	Unsupported  = "unsupported"
	Other        = "other"
)

// causeOf names the cause of a failure; connected tells whether there was a connection already.
func causeOf(err error, connected bool) string {
	var (
		dns       *net.DNSError
		operation *net.OpError
	)
	switch {
	case errors.Is(err, errRedirectHTTP):
		return RedirectHTTP
	case errors.Is(err, errRedirectLoop):
		return RedirectLoop
	case errors.As(err, &operation) && operation.Op == "proxyconnect":
		return HTTPProxy
	case isCertificate(err):
		return Certificate
	case errors.As(err, &dns):
		return Unresolved
	case isTimeout(err) && connected:
		return Silent
	case isTimeout(err):
		return NoConnection
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return Reset
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return Unreachable
	case isTLS(err):
		return TLS
	case isProxyAnswer(err):
		return HTTPProxy
	default:
		return Other
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}

func isCertificate(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		verify    *tls.CertificateVerificationError
	)
	return errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid) || errors.As(err, &verify)
}

func isTLS(err error) bool {
	var (
		record tls.RecordHeaderError
		alert  tls.AlertError
	)
	return errors.As(err, &record) || errors.As(err, &alert) || strings.Contains(err.Error(), "tls: ") ||
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

// isProxyAnswer tells whether an HTTP proxy has refused CONNECT: net/http gives its status line alone.
func isProxyAnswer(err error) bool {
	var wrapped *url.Error
	if !errors.As(err, &wrapped) {
		return false
	}
	text := wrapped.Err.Error()
	return text == "Proxy Authentication Required" || text == "Forbidden" || text == "Bad Gateway" ||
		text == "Service Unavailable" || text == "Gateway Timeout" || text == "Method Not Allowed"
}
