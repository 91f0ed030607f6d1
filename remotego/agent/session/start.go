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
	order, fallen := g.order, func() {}
	launch := dlv.Launch{Argv: order.Dlv, Directory: order.Directory, TCP: order.TCP, Memory: order.MemLimit}
	switch {
	case order.attaches():
		process := order.process()
		g.code = learn(process)
		fallen = func() { rescue.StopOrphan(process) }
	case order.Exec != nil:
		launch.Env = append([]string{}, order.Exec.Env...)
		if err := g.catchOutput(); err != nil {
			return err
		}
	}
	server, err := dlv.Start(launch, fallen)
	g.dlv = server
	if err != nil {
		return err
	}
	if err := g.writeRecord(); err != nil {
		return err
	}
	if order.Exec != nil {
		return nil // its process is not there yet
	}
	return g.hire()
}

// adopt finds out from the record of the dead guard what the code was like before.
func (g *guard) adopt() error {
	var record struct{ Port int }
	_ = readRecord(g.order, &record)
	g.order.TCP = record.Port != 0
	known, err := readKnown(g.order)
	g.code = recall(g.order.process(), known)
	g.dlv = dlv.Adopt(*g.order.Adopt, g.order.Directory, g.order.TCP)
	g.watch.owed = !g.order.Hold
	if err != nil {
		return err
	}
	return g.writeRecord()
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
			if !g.order.attaches() {
				return why, false
			}
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
	switch {
	case g.order.Core:
		return g.dlv.Find() && g.answers()
	case g.order.Exec != nil && g.order.Adopt == nil:
		return g.dlv.Find() && g.discover()
	}
	status, err := proc.ReadStatus(g.order.PID)
	if err != nil || !g.dlv.Traces(status.Tracer) {
		return false
	}
	if g.order.Adopt != nil {
		return true
	}
	if !g.dlv.Find() {
		return false
	}
	stat, err := proc.ReadStat(g.order.PID)
	return err == nil && !stat.Paused() && g.runs()
}

// runs asks dlv whether the process runs.
func (g *guard) runs() bool {
	state, err := g.state()
	return err == nil && state.Running
}

func (g *guard) answers() bool {
	_, err := g.state()
	return err == nil
}

func (g *guard) state() (dlv.State, error) {
	client, err := dlv.Dial(g.dlv.Socket, time.Now().Add(callTime))
	if err != nil {
		return dlv.State{}, err
	}
	defer client.Close()
	return client.State()
}

func (g *guard) admit() (why string, ready bool) {
	door, err := g.openEntrance()
	if err != nil {
		return err.Error(), false
	}
	g.door = door
	control, err := OpenControl(g.order.control())
	if err != nil {
		return err.Error(), false
	}
	g.control = control
	g.events.Tell(g.upEvent())
	return "", true
}

func (g *guard) openEntrance() (Entrance, error) {
	if g.order.TCP {
		return OpenLoopback(g.dlv), g.writeRecord()
	}
	return OpenDoor(g.order.socket(), g.dlv.Socket)
}
