package route

import (
	"sync"
)

// Process is one of ours; Start tells it from a later one of the same number, Program is its file's name.
type Process struct {
	PID     int
	Start   string
	Program string
}

// Peer is who has made a connection. Process is nil where that cannot be told.
type Peer struct{ Process *Process }

// isGo tells whether it is a go command: it ends soon, and all its requests are to be answered alike. Others, such as
// a tool that runs for days, are bound for a connection each.
func (p *Process) isGo() bool { return p != nil && (p.Program == "go" || p.Program == "go.exe") }

type holder struct {
	pid   int
	start string
}

// pins binds commands to upstreams. A go command that is known by its process stays with one until it ends: between
// its connections too, which go closes after 90 s without a request, and when it becomes the go of another toolchain
// (exec keeps number and start). Connections of which nothing is known stay together with one as long as there are any.
type pins struct {
	mutex    sync.Mutex
	current  string
	commands map[holder]string
	unknown  string
	open     int
}

func newPins(current string) *pins { return &pins{current: current, commands: map[holder]string{}} }

// bind gives the upstream of a new connection.
func (p *pins) bind(peer Peer) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if peer.Process == nil {
		if p.open == 0 {
			p.unknown = p.current
		}
		p.open++
		return p.unknown
	}
	if !peer.Process.isGo() {
		return p.current
	}
	p.forget()
	key := holder{peer.Process.PID, peer.Process.Start}
	if _, found := p.commands[key]; !found {
		p.commands[key] = p.current
	}
	return p.commands[key]
}

// release is told that a connection is closed.
func (p *pins) release(peer Peer) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if peer.Process == nil {
		p.open--
	}
}

// turn has new commands go to another upstream.
func (p *pins) turn(current string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.current = current
}

// count gives how many commands are bound to upstreams other than the current one.
func (p *pins) count() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.forget()
	number := 0
	for _, upstream := range p.commands {
		if upstream != p.current {
			number++
		}
	}
	if p.open > 0 && p.unknown != p.current {
		number++
	}
	return number
}

// forget drops commands that have ended. The mutex is held.
func (p *pins) forget() {
	for key := range p.commands {
		if startOf(key.pid) != key.start {
			delete(p.commands, key)
		}
	}
}
