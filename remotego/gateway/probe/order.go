// Package probe asks module proxies for known things, as go would from this machine, and tells what came back.
// What the answers are worth is not judged here.
package probe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

const (
	mostTime = 60
	mostBody = 4 << 20
)

// Order says whom to ask for what. TimeoutS bounds each request, CapBytes what is kept of a body.
// Variables replace those of the environment; an empty one is taken away.
type Order struct {
	Proxies   []string          `json:"proxies"`
	Requests  []Request         `json:"requests"`
	TimeoutS  float64           `json:"timeout_s"`
	CapBytes  int64             `json:"cap_bytes"`
	Variables map[string]string `json:"variables"`
}

// Request is a path below a proxy. The first of an order decides whether the others are asked at all.
type Request struct {
	Name string `json:"name"`
	Path string `json:"path"`
}

// ParseOrder reads an order; words that are not known are refused.
func ParseOrder(line []byte) (Order, error) {
	var order Order
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&order); err != nil {
		return order, fmt.Errorf("this is no order: %w", err)
	}
	switch {
	case len(order.Requests) == 0:
		return order, fmt.Errorf("an order needs requests")
	case order.TimeoutS <= 0 || order.TimeoutS > mostTime:
		return order, fmt.Errorf("timeout_s is to be more than 0 and at most %d", mostTime)
	case order.CapBytes <= 0 || order.CapBytes > mostBody:
		return order, fmt.Errorf("cap_bytes is to be more than 0 and at most %d", mostBody)
	}
	return order, nil
}

func (o Order) timeout() time.Duration { return time.Duration(o.TimeoutS * float64(time.Second)) }

// adopt makes the variables of an order those of this process. It comes before any request: net/http reads
// HTTP_PROXY and its kin once, crypto/x509 SSL_CERT_FILE and SSL_CERT_DIR.
func (o Order) adopt() error {
	for name, value := range o.Variables {
		if value == "" {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		} else if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}
