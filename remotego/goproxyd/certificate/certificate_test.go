package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestGoClientsTrustItByTheAuthorityAlone(t *testing.T) {
	made, err := Make([]string{"proxy.test", "127.0.0.1", "::1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made.Cert, made.Key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	defer server.Close()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(made.CA)
	for name, good := range map[string]bool{"proxy.test": true, "127.0.0.1": true, "::1": true, "other.test": false} {
		client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: name}}}
		response, err := client.Get(server.URL)
		if err == nil {
			response.Body.Close()
		}
		if good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSuits(t *testing.T) {
	now := time.Now()
	made, err := Make([]string{"proxy.test"}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		names    []string
		now      time.Time
		expected bool
	}{
		{[]string{"proxy.test"}, now, true},
		{[]string{"proxy.test", "more.test"}, now, false},
		{[]string{"proxy.test"}, now.Add(Life - Renew + time.Hour), false},
	} {
		if actual := Suits(made, one.names, one.now); actual != one.expected {
			t.Errorf("%v at %v: %v", one.names, one.now, actual)
		}
	}
}
