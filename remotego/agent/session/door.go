package session

import (
	"io"
	"sync"
	"time"

	"remotego/agent/unixsock"
)

const (
	dialTime   = 5 * time.Second
	farewell   = time.Second
	clientsMax = 64
)

// Door is where clients come in. Each is led to dlv once it has said something: dlv never closes a
// connection that ends before its first byte. A client counts until dlv has seen it go.
// Seen gets who is there after every change; the latest is enough.
type Door struct {
	Seen     <-chan Presence
	seen     chan Presence
	listener *unixsock.Listener
	behind   string
	gate     sync.RWMutex
	mutex    sync.Mutex
	guests   map[*guest]bool
	presence Presence
	shut     bool
	left     sync.WaitGroup
}

// Presence is how many clients are there, and how many have ever come: one may come and go unseen.
type Presence struct {
	Inside, Visits int
}

type guest struct {
	client, dlv unixsock.Conn
}

// OpenDoor listens at path for clients of the server behind.
func OpenDoor(path, behind string) (*Door, error) {
	listener, err := unixsock.Listen(path)
	if err != nil {
		return nil, err
	}
	seen := make(chan Presence, 1)
	door := &Door{Seen: seen, seen: seen, listener: listener, behind: behind, guests: map[*guest]bool{}}
	go door.receive()
	return door, nil
}

// News gets who is there after every change.
func (d *Door) News() <-chan Presence { return d.Seen }

// Alone runs do while no new client is let in; those who are in already are told to it.
func (d *Door) Alone(do func(Presence)) {
	d.gate.Lock()
	defer d.gate.Unlock()
	d.mutex.Lock()
	present := d.presence
	d.mutex.Unlock()
	do(present)
}

// Empty sends everybody away and waits for dlv to see it; false when it does not within patience.
func (d *Door) Empty(patience time.Duration) bool {
	d.mutex.Lock()
	for one := range d.guests {
		one.client.Hangup()
	}
	d.mutex.Unlock()
	gone := make(chan struct{})
	go func() {
		d.left.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return true
	case <-time.After(patience):
		return false
	}
}

// Shut lets nobody in any more.
func (d *Door) Shut() {
	d.mutex.Lock()
	d.shut = true
	d.mutex.Unlock()
	d.listener.Close()
}

func (d *Door) receive() {
	for {
		client, err := d.listener.Accept()
		if err != nil {
			return
		}
		one := &guest{client: client}
		if !admissible(client) || !d.admit(one) {
			client.Close()
			continue
		}
		go d.host(one)
	}
}

func (d *Door) admit(one *guest) bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.shut || len(d.guests) >= clientsMax {
		return false
	}
	d.guests[one] = true
	d.left.Add(1)
	return true
}

func (d *Door) host(one *guest) {
	defer d.dismiss(one)
	first := make([]byte, 1<<15)
	n, err := one.client.Read(first)
	if err != nil {
		return
	}
	if !d.lead(one) {
		return
	}
	defer d.count(-1)
	defer one.dlv.Close()
	if _, err := one.dlv.Write(first[:n]); err != nil {
		return
	}
	one.talk()
}

func (d *Door) lead(one *guest) bool {
	d.gate.RLock()
	defer d.gate.RUnlock()
	dlv, err := unixsock.Dial(d.behind, dialTime)
	if err != nil {
		return false
	}
	one.dlv = dlv
	d.count(+1)
	return true
}

// talk carries bytes both ways until dlv has ended its side, which it does soon after the client has ended his.
func (g *guest) talk() {
	ended := make(chan struct{})
	go func() {
		io.Copy(g.client, g.dlv)
		g.client.Hangup()
		close(ended)
	}()
	io.Copy(g.dlv, g.client)
	g.dlv.CloseWrite()
	select {
	case <-ended:
	case <-time.After(farewell):
		g.dlv.Hangup()
	}
}

func (d *Door) dismiss(one *guest) {
	one.client.Close()
	d.mutex.Lock()
	delete(d.guests, one)
	d.mutex.Unlock()
	d.left.Done()
}

func (d *Door) count(change int) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.presence.Inside += change
	if change > 0 {
		d.presence.Visits++
	}
	select {
	case <-d.seen:
	default:
	}
	d.seen <- d.presence
}
