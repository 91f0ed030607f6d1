package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
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
	other, err := Make([]string{"proxy.test"}, now)
	if err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		made     Made
		names    []string
		now      time.Time
		expected bool
	}{
		"as made":                 {made, []string{"proxy.test"}, now, true},
		"another name is wanted":  {made, []string{"proxy.test", "more.test"}, now, false},
		"near its end":            {made, []string{"proxy.test"}, now.Add(Life - Renew + time.Hour), false},
		"the key of another":      {Made{made.CA, made.Cert, other.Key}, []string{"proxy.test"}, now, false},
		"by another authority":    {Made{other.CA, made.Cert, made.Key}, []string{"proxy.test"}, now, false},
		"two authorities":         {Made{slices.Concat(made.CA, other.CA), made.Cert, made.Key}, []string{"proxy.test"}, now, false},
		"no key":                  {Made{made.CA, made.Cert, nil}, []string{"proxy.test"}, now, false},
		"it is for more than one": {made, nil, now, false},
	} {
		if actual := Suits(one.made, one.names, one.now); actual != one.expected {
			t.Errorf("%s: %v", name, actual)
		}
	}
}

// The names of a server are of two kinds, and a constraint on one kind says nothing about the other.
func TestTheAuthorityVouchesForNothingElse(t *testing.T) {
	for _, names := range [][]string{{"proxy.test"}, {"127.0.0.1"}, {"::1"}, {"proxy.test", "127.0.0.1"}} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template, err := authorityFor(names, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		authority := signed(t, template, template, key)
		pool := x509.NewCertPool()
		pool.AddCert(authority)
		for name, good := range map[string]bool{
			names[0]: true, "other.test": false, "192.0.2.1": false, "2001:db8::1": false,
		} {
			leaf, err := templateOf(name)
			if err != nil {
				t.Fatal(err)
			}
			_, err = signed(t, leaf, authority, key).Verify(x509.VerifyOptions{DNSName: name, Roots: pool})
			if good != (err == nil) {
				t.Errorf("%s by the authority of %v: %v", name, names, err)
			}
		}
	}
}

func templateOf(name string) (*x509.Certificate, error) {
	leaf, err := template("somebody", time.Now())
	if err == nil {
		leaf.DNSNames, leaf.IPAddresses = split([]string{name})
	}
	return leaf, err
}

func signed(t *testing.T, made, by *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, made, by, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	read, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestNames(t *testing.T) {
	made, err := Make([]string{"127.0.0.1", "proxy.test", "::1"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if actual := Names(made.Cert); !slices.Equal([]string{"proxy.test", "127.0.0.1", "::1"}, actual) {
		t.Error(actual)
	}
	if actual := Names([]byte("none")); actual != nil {
		t.Error(actual)
	}
}
