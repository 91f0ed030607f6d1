// Package route leads go to one of several module proxies behind a constant URL on loopback. Who is asked is decided
// elsewhere, between commands: a go command that runs is served by one proxy alone until it ends.
package route

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

const mostTime = 3600

// Order says where to listen (a port of 127.0.0.1, 0 for any), whom there is to ask, and which modules are private:
// patterns as in GOPRIVATE, that only upstreams of one's own are asked for. HeaderS bounds the wait for an answer to
// begin, StallS that for its next bytes.
type Order struct {
	Port      int        `json:"port"`
	Upstreams []Upstream `json:"upstreams"`
	Private   string     `json:"private"`
	Current   string     `json:"current"`
	HeaderS   float64    `json:"header_s"`
	StallS    float64    `json:"stall_s"`
}

// Upstream is a module proxy. Ours is one that may be asked for private modules.
type Upstream struct {
	URL  string `json:"url"`
	Ours bool   `json:"ours"`
}

// Command changes who serves commands that begin from now on; "" is nobody: they are told so at once.
type Command struct {
	Current *string `json:"current"`
}

// ParseOrder reads an order; words that are not known are refused.
func ParseOrder(line []byte) (Order, error) {
	var order Order
	if err := strictly(line, &order); err != nil {
		return order, fmt.Errorf("this is no order: %w", err)
	}
	for _, upstream := range order.Upstreams {
		parsed, err := url.Parse(upstream.URL)
		if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
			return order, fmt.Errorf("an upstream is a URL of https or http")
		}
	}
	if order.Port < 0 || order.Port > 65535 {
		return order, fmt.Errorf("port %d", order.Port)
	}
	if order.HeaderS <= 0 || order.HeaderS > mostTime || order.StallS <= 0 || order.StallS > mostTime {
		return order, fmt.Errorf("header_s and stall_s are to be more than 0 and at most %d", mostTime)
	}
	return order, order.knows(order.Current)
}

// knows tells whether somebody may be current.
func (o Order) knows(name string) error {
	if name == "" {
		return nil
	}
	for _, upstream := range o.Upstreams {
		if upstream.URL == name {
			return nil
		}
	}
	return fmt.Errorf("%q is none of the upstreams", name)
}

func (o Order) find(name string) (Upstream, bool) {
	for _, upstream := range o.Upstreams {
		if upstream.URL == name && name != "" {
			return upstream, true
		}
	}
	return Upstream{}, false
}

func (o Order) patterns() []string {
	return strings.FieldsFunc(o.Private, func(r rune) bool { return r == ',' })
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func strictly(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
