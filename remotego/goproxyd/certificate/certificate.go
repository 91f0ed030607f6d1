// Package certificate makes a certificate for a server, and the authority that vouches for it and for nothing else: its
// key is thrown away at once, so nobody can ever have it vouch for another.
package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// Life is how long a certificate is good for; Renew before that much of it is left.
const (
	Life  = 825 * 24 * time.Hour
	Renew = 90 * 24 * time.Hour
)

// Made is PEM: the authority for clients, and certificate and key for the server.
type Made struct{ CA, Cert, Key []byte }

// Make makes a certificate for names, of which some may be addresses.
func Make(names []string, now time.Time) (Made, error) {
	if len(names) == 0 {
		return Made{}, errors.New("a certificate is for at least one name")
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Made{}, err
	}
	authority, err := authorityFor(names, now)
	if err != nil {
		return Made{}, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return Made{}, err
	}
	if authority, err = x509.ParseCertificate(signed); err != nil {
		return Made{}, err
	}
	leaf, err := template("remotego goproxyd", now)
	if err != nil {
		return Made{}, err
	}
	leaf.DNSNames, leaf.IPAddresses = split(names)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Made{}, err
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, authority, leafKey.Public(), authorityKey)
	if err != nil {
		return Made{}, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return Made{}, err
	}
	return Made{CA: block("CERTIFICATE", signed), Cert: block("CERTIFICATE", cert), Key: block("PRIVATE KEY", key)}, nil
}

// authorityFor is one that clients believe about these names only (RFC 5280, 4.2.1.10).
func authorityFor(names []string, now time.Time) (*x509.Certificate, error) {
	made, err := template("remotego goproxyd authority", now)
	if err != nil {
		return nil, err
	}
	made.IsCA, made.BasicConstraintsValid, made.MaxPathLenZero = true, true, true
	made.KeyUsage = x509.KeyUsageCertSign
	made.PermittedDNSDomainsCritical = true
	domains, addresses := split(names)
	made.PermittedDNSDomains = domains
	for _, address := range addresses {
		bits := 8 * len(address)
		made.PermittedIPRanges = append(made.PermittedIPRanges, &net.IPNet{IP: address, Mask: net.CIDRMask(bits, bits)})
	}
	excludeRest(made)
	return made, nil
}

// excludeRest shuts out a whole kind of names of which none is permitted: a constraint binds its own kind alone.
func excludeRest(made *x509.Certificate) {
	if len(made.PermittedDNSDomains) == 0 {
		made.ExcludedDNSDomains = []string{""}
	}
	if len(made.PermittedIPRanges) == 0 {
		made.ExcludedIPRanges = []*net.IPNet{
			{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero, Mask: net.CIDRMask(0, 128)},
		}
	}
}

func template(name string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(Life),
	}, nil
}

func split(names []string) (domains []string, addresses []net.IP) {
	for _, name := range names {
		address := net.ParseIP(name)
		switch short := address.To4(); {
		case address == nil:
			domains = append(domains, name)
		case short != nil:
			addresses = append(addresses, short)
		default:
			addresses = append(addresses, address)
		}
	}
	return domains, addresses
}

// Names are those that a certificate in PEM is for, the first of a chain; none where it cannot be read.
func Names(text []byte) []string {
	read, _ := pem.Decode(text)
	if read == nil {
		return nil
	}
	cert, err := x509.ParseCertificate(read.Bytes)
	if err != nil {
		return nil
	}
	names := cert.DNSNames
	for _, address := range cert.IPAddresses {
		names = append(names, address.String())
	}
	return names
}

func block(kind string, bytes []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
}

// Suits says whether a certificate of ours and its key are for all these names and good for a while yet, by an
// authority that is for no others.
func Suits(made Made, names []string, now time.Time) bool {
	pair, err := tls.X509KeyPair(made.Cert, made.Key)
	if err != nil {
		return false
	}
	authority, err := single(made.CA)
	if err != nil {
		return false
	}
	wanted, err := authorityFor(names, now)
	if err != nil || !sameConstraints(authority, wanted) {
		return false
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	return !slices.ContainsFunc(names, func(name string) bool {
		_, err := pair.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, CurrentTime: now.Add(Renew)})
		return err != nil
	})
}

// single reads PEM of one certificate and nothing else.
func single(text []byte) (*x509.Certificate, error) {
	read, rest := pem.Decode(text)
	if read == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("it is not one certificate")
	}
	return x509.ParseCertificate(read.Bytes)
}

func sameConstraints(one, other *x509.Certificate) bool {
	written := func(made *x509.Certificate) string {
		return fmt.Sprint(made.PermittedDNSDomains, made.ExcludedDNSDomains, made.PermittedIPRanges, made.ExcludedIPRanges)
	}
	return written(one) == written(other)
}
