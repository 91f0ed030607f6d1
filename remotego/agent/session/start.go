package session

import (
	"time"

	"remotego/agent/dlv"
	"remotego/agent/proc"
	"remotego/agent/rescue"
)

const readyLook = 20 * time.Millisecond

// open starts dlv.
func (g *guard) open() error {
	process := g.order.process()
	g.code = learn(process)
	server, err := dlv.Start(g.order.Dlv, g.order.Directory, g.order.MemLimit, func() { rescue.StopOrphan(process) })
	g.dlv = server
	if err != nil {
		return err
	}
	if err := writeRecord(g.order, server.ID, g.code.known); err != nil {
		return err
	}
	return g.hire()
}

// adopt finds out from the record of the dead guard what the code was like before.
func (g *guard) adopt() error {
	known, err := readKnown(g.order)
	g.code = recall(g.order.process(), known)
	g.dlv = dlv.Adopt(*g.order.Adopt, g.order.Directory)
	g.watch.owed = !g.order.Hold
	if err != nil {
		return err
	}
	return writeRecord(g.order, g.dlv.ID, known)
}

// start waits until dlv is attached and serves while the process runs. Somebody who wants the end meanwhile
// waits for that, too, for a while: a dlv that is just attaching does not hear SIGTERM yet but dies of it.
func (g *guard) start() (why string, ready bool) {
	limit := time.After(seconds(g.order.StartS))
	ticker := time.NewTicker(readyLook)
	defer ticker.Stop()
	for {
		select {
		case why = <-g.ends:
			if status, err := proc.ReadStatus(g.order.PID); err != nil || !g.dlv.Traces(status.Tracer) {
				return why, false
			}
			limit = time.After(freeTime / 2)
		case <-limit:
			if why == "" {
				why = "dlv was not ready in time"
			}
			return why, false
		case <-g.dlv.Done:
			return "dlv did not attach", false
		case number := <-g.lease.Pings:
			g.events.Tell(Event{Kind: "pong", Ping: &number})
		case <-ticker.C:
			if !g.serves() {
				continue
			}
			if why != "" {
				return why, false
			}
			return g.admit()
		}
	}
}

func (g *guard) serves() bool {
	status, err := proc.ReadStatus(g.order.PID)
	if err != nil || !g.dlv.Traces(status.Tracer) {
		return false
	}
	if g.order.Adopt != nil {
		return true
	}
	stat, err := proc.ReadStat(g.order.PID)
	return err == nil && !stat.Paused() && g.runs()
}

// runs asks dlv whether the process runs.
func (g *guard) runs() bool {
	client, err := dlv.Dial(g.dlv.Socket, time.Now().Add(callTime))
	if err != nil {
		return false
	}
	defer client.Close()
	state, err := client.State()
	return err == nil && state.Running
}

func (g *guard) admit() (why string, ready bool) {
	door, err := OpenDoor(g.order.socket(), g.dlv.Socket)
	if err != nil {
		return err.Error(), false
	}
	g.door = door
	g.events.Tell(Event{Kind: "up", DlvPID: g.dlv.PID, Socket: g.order.socket(), Before: len(g.code.known)})
	return "", true
}
