package probe

import (
	"encoding/json"
	"io"
	"net"
	"sync"
)

// Run carries an order out: all proxies at once, and of each the first request before the rest. It takes no longer
// than twice the time of one request.
func Run(line []byte, out io.Writer) error {
	order, err := ParseOrder(line)
	if err != nil {
		return err
	}
	if err := order.adopt(); err != nil {
		return err
	}
	network := look()
	told := &teller{encoder: json.NewEncoder(out)}
	told.tell(map[string]any{"network": network})
	var all sync.WaitGroup
	for _, proxy := range order.Proxies {
		all.Add(1)
		go func(proxy string) {
			defer all.Done()
			visit(proxy, order, network, told)
		}(proxy)
	}
	all.Wait()
	told.tell(map[string]any{"done": map[string]int{"answers": told.count - 1}})
	return told.err
}

func visit(proxy string, order Order, network Network, told *teller) {
	first := order.Requests[0]
	asker, err := newAsker(proxy, order)
	if err != nil {
		answer := Answer{Proxy: proxy, Request: first.Name}
		answer.fail(Unsupported, err)
		told.answer(answer)
		return
	}
	if network.Addresses == 0 && !asker.isNear() {
		told.answer(Answer{Proxy: proxy, Request: first.Name, Error: NoNetwork})
		return
	}
	answer := asker.ask(first)
	told.answer(answer)
	if answer.Status == 0 {
		return
	}
	var all sync.WaitGroup
	for _, request := range order.Requests[1:] {
		all.Add(1)
		go func(request Request) {
			defer all.Done()
			told.answer(asker.ask(request))
		}(request)
	}
	all.Wait()
}

// look counts the addresses by which this machine could reach another.
func look() Network {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return Network{Addresses: 1} // not known: then it is tried
	}
	found := Network{}
	for _, address := range addresses {
		if one, ok := address.(*net.IPNet); ok && one.IP.IsGlobalUnicast() {
			found.Addresses++
		}
	}
	return found
}

type teller struct {
	mutex   sync.Mutex
	encoder *json.Encoder
	count   int
	err     error
}

func (t *teller) answer(answer Answer) { t.tell(map[string]any{"answer": answer}) }

func (t *teller) tell(line any) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.count++
	if err := t.encoder.Encode(line); err != nil && t.err == nil {
		t.err = err
	}
}
