package session

import (
	"os"

	"remotego/agent/unixsock"
)

// Control is where a controller comes back that has lost its way, or where another takes over: it writes the lines
// of the protocol there and reads the events. Callers gets each one, once the kernel has said that it is of our user.
type Control struct {
	Callers  <-chan unixsock.Conn
	listener *unixsock.Listener
}

// OpenControl listens at path.
func OpenControl(path string) (*Control, error) {
	listener, err := unixsock.Listen(path)
	if err != nil {
		return nil, err
	}
	callers := make(chan unixsock.Conn)
	go func() {
		for {
			caller, err := listener.Accept()
			if err != nil {
				return
			}
			if !admissible(caller) {
				caller.Close()
				continue
			}
			callers <- caller
		}
	}()
	return &Control{callers, listener}, nil
}

// Shut lets nobody in any more.
func (c *Control) Shut() { c.listener.Close() }

// admissible says whether whoever has connected is our own user, or root.
func admissible(caller unixsock.Conn) bool {
	uid, err := caller.PeerUID()
	return err == nil && (uid == os.Geteuid() || uid == 0)
}
