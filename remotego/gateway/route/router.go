package route

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

const mostAtOnce = 64

type bindingKey struct{}

// binding is a connection: who has made it, and the upstream that it is bound to. Both are found out at its first
// request, away from the loop that accepts connections.
type binding struct {
	connection net.Conn
	once       sync.Once
	peer       Peer
	upstream   string
	err        error
	bound      bool
}

// router answers requests for modules by the upstream that their connection is bound to.
type router struct {
	order     Order
	patterns  []string
	pins      *pins
	forwarder *forwarder
	tell      func(any)
	slots     chan struct{}
	bindings  sync.Map
}

func newRouter(order Order, tell func(any)) *router {
	return &router{
		order: order, patterns: order.patterns(), pins: newPins(order.Current), forwarder: newForwarder(order),
		tell: tell, slots: make(chan struct{}, mostAtOnce),
	}
}

func (r *router) begin(ctx context.Context, connection net.Conn) context.Context {
	made := &binding{connection: connection}
	r.bindings.Store(connection, made)
	return context.WithValue(ctx, bindingKey{}, made)
}

func (r *router) change(connection net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	if found, known := r.bindings.LoadAndDelete(connection); known {
		if made := found.(*binding); made.isBound() {
			r.pins.release(made.peer)
		}
	}
}

// isBound also keeps a connection that is closed before its first request from being bound afterwards.
func (b *binding) isBound() bool {
	b.once.Do(func() { b.err = net.ErrClosed })
	return b.bound
}

func (r *router) bind(made *binding) {
	made.once.Do(func() {
		if made.peer, made.err = peerOf(made.connection); made.err == nil {
			made.upstream, made.bound = r.pins.bind(made.peer), true
		}
	})
}

// ServeHTTP answers one request.
func (r *router) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	made := request.Context().Value(bindingKey{}).(*binding)
	r.bind(made)
	status, text := r.objection(made, request)
	if status != 0 {
		http.Error(writer, "remotego's router: "+text, status)
		return
	}
	upstream, _ := r.order.find(made.upstream)
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	writer.Header().Set("Remotego-Upstream", upstream.URL)
	done := r.forwarder.forward(writer, request, upstream)
	if done.Status != 0 || done.Error != "" {
		r.tell(map[string]Outcome{"answer": done})
	}
	if done.cut {
		panic(http.ErrAbortHandler) // so that ours is not taken for whole
	}
}

// objection says why a request is not passed on; the status is never 404 or 410.
func (r *router) objection(made *binding, request *http.Request) (int, string) {
	module := moduleOf(request.URL.Path)
	upstream, is := r.order.find(made.upstream)
	switch {
	case made.err != nil:
		return http.StatusForbidden, "it serves the user who has started it alone: " + made.err.Error()
	case !isOurs(request.Host):
		return http.StatusForbidden, fmt.Sprintf("%q is no name of it", request.Host)
	case request.Method != http.MethodGet && request.Method != http.MethodHead:
		return http.StatusMethodNotAllowed, "modules are read by GET"
	case strings.Contains(request.URL.Path, "/../"), strings.HasSuffix(request.URL.Path, "/.."):
		return http.StatusBadRequest, "this is no path of a module"
	case !is:
		return http.StatusServiceUnavailable, "none of the proxies works now"
	case !upstream.Ours && isPrivate(r.patterns, module):
		return http.StatusForbidden, fmt.Sprintf("%s is private, and %s is not yours", module, upstream.URL)
	}
	return 0, ""
}

// isOurs keeps web pages out that have made a name of their own lead here.
func isOurs(host string) bool {
	name, _, err := net.SplitHostPort(host)
	return err == nil && (name == "127.0.0.1" || name == "localhost")
}
