package session

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"remotego/agent/dlv"
	"remotego/agent/proc"
	"remotego/agent/rescue"
)

const (
	emptyTime  = 700 * time.Millisecond
	detachTime = 2 * time.Second
	termTime   = 700 * time.Millisecond
	leaveTime  = 2 * time.Second
	calmTime   = 100 * time.Millisecond
	wakeEvery  = 50 * time.Millisecond
	wakes      = 4
)

// finish ends dlv in the safe order: clients, breakpoints, detach; then what is left of that by force.
// It says what state the process was left in.
func (g *guard) finish(why string) Event {
	var saved rescue.Report
	var failure error
	early := g.dlv != nil && g.dlv.Ended()
	g.lived = g.order.process().Lives() && !early
	if g.dlv != nil {
		saved, failure = g.part()
	}
	if early || saved.Restored > 0 || failure != nil {
		// A client may have made dlv end the process by a signal; a thread that could not be saved
		// dies as soon as it runs again.
		time.Sleep(calmTime)
	}
	if g.order.Exec != nil {
		g.terminate()
	}
	end := g.verdict(saved, failure)
	end.Why = why
	g.sweep()
	return end
}

// part separates dlv and the process.
func (g *guard) part() (rescue.Report, error) {
	if g.door != nil {
		g.door.Shut()
	}
	if g.control != nil {
		g.control.Shut()
	}
	if !g.dlv.Ended() {
		g.leave()
	}
	if !g.dlv.Ended() && !g.order.process().Lives() {
		g.dlv.Signal(syscall.SIGKILL)
		g.await(leaveTime)
	}
	if !g.dlv.Ended() {
		return g.rescueFromHung()
	}
	if !g.dlv.Fell() {
		return rescue.Report{}, nil
	}
	if err := g.code.usable(); err != nil {
		return rescue.Report{}, errors.Join(err, rescue.Resume(g.order.process()))
	}
	return rescue.Orphan(g.order.process(), g.code.image, g.code.known)
}

// leave asks dlv to let go. SIGTERM comes last: dlv hangs on it while somebody watches a running process.
func (g *guard) leave() {
	left := make(chan struct{})
	defer close(left)
	go g.keepAwake(left)
	if g.door != nil {
		g.door.Empty(emptyTime)
	}
	_, err := dlv.Detach(g.dlv.Socket, g.order.PID, time.Now().Add(detachTime))
	if err == nil {
		g.dlv.LetGo()
		if g.await(termTime) {
			return
		}
	}
	g.dlv.Signal(syscall.SIGTERM)
	g.await(termTime)
}

// keepAwake continues a dlv that job control has stopped, which may show only a moment later. One that is stopped again
// and again is taken for hung.
func (g *guard) keepAwake(left <-chan struct{}) {
	for range [wakes]struct{}{} {
		g.dlv.Wake()
		select {
		case <-left:
			return
		case <-time.After(wakeEvery):
		}
	}
}

func (g *guard) await(patience time.Duration) bool {
	select {
	case <-g.dlv.Done:
		return true
	case <-time.After(patience):
		return false
	}
}

func (g *guard) rescueFromHung() (rescue.Report, error) {
	if err := g.code.usable(); err != nil {
		return rescue.Report{}, fmt.Errorf("dlv does not answer and was left alive: %w", err)
	}
	return rescue.Hung(g.order.process(), g.code.image, g.dlv, g.dlv.Done, g.code.known)
}

// verdict looks at what is left.
func (g *guard) verdict(saved rescue.Report, failure error) Event {
	process := g.order.process()
	switch {
	case g.door == nil && !g.order.attaches() && g.order.Adopt == nil:
		return Event{Outcome: "failed", Text: "unknown", Detail: g.said()}
	case g.order.Core && g.dlv.Ended():
		return Event{Outcome: "clean", Text: "unknown"}
	case !process.Lives():
		return g.ended()
	}
	status, err := proc.ReadStatus(process.PID)
	switch {
	case err != nil:
		return g.ended()
	case g.dlv != nil && !g.dlv.Ended():
		return Event{Outcome: "stuck", Text: "unknown", Detail: fmt.Sprintf("dlv %d: %v", g.dlv.PID, failure)}
	case status.Tracer != 0 && g.dlv != nil && g.dlv.Refused() && g.door == nil:
		// Its breakpoints are the other's business.
		return Event{Outcome: "failed", Text: "unknown", Detail: g.said()}
	case status.Tracer != 0:
		return Event{Outcome: "traced", Text: "unknown", Detail: fmt.Sprintf("by thread %d of %d", status.Tracer, proc.OwnerOf(status.Tracer))}
	}
	end := g.textual(saved, failure)
	if status.Paused {
		end.Outcome, end.Detail = "stopped", "the process stands still: kill -CONT continues it"
	}
	return end
}

// ended tells a process that ended by itself from one that dlv's death took along.
func (g *guard) ended() Event {
	if g.dlv != nil && g.dlv.Fell() && g.order.Exec == nil {
		return Event{Outcome: "died", Text: "unknown", Detail: "dlv was killed or has crashed, and took the process with it"}
	}
	if g.lived && g.door != nil && g.order.attaches() {
		return Event{Outcome: "died", Text: "unknown", Detail: "the process ended in the very moment in which dlv let go of it"}
	}
	return Event{Outcome: "exited", Text: "unknown"}
}

func (g *guard) textual(saved rescue.Report, failure error) Event {
	end := Event{Outcome: "clean", Text: "same"}
	switch {
	case g.dlv == nil || g.dlv.Refused() && g.door == nil:
		end.Outcome, end.Detail = "failed", g.said()
	case g.dlv.Fell():
		end.Outcome = "rescued"
		end.Detail = fmt.Sprintf("%d breakpoints taken out, %d threads put back", saved.Restored, saved.Rewound)
	}
	changes, err := g.code.changes()
	if err == nil && len(changes.Traps()) > 0 {
		saved.Restored, err = g.code.image.Restore(changes.Traps())
		if err == nil {
			changes, err = g.code.changes()
		}
	}
	if saved.Restored > 0 {
		end.Text = "restored"
	}
	switch {
	case err != nil:
		end.Text, end.Detail = "unknown", end.Detail+" "+err.Error()
	case len(changes) > 0:
		end.Text, end.Detail = "differs", fmt.Sprintf("%s %d places, first at %#x", end.Detail, len(changes), changes[0].Address)
	case failure != nil:
		end.Detail += " " + failure.Error()
	}
	return end
}

func (g *guard) said() string {
	if g.dlv == nil {
		return ""
	}
	return g.dlv.Said()
}

// sweep ends what dlv has left: children of its own become ours (see Adopt).
func (g *guard) sweep() {
	children, _ := proc.Children(os.Getpid())
	for _, child := range children {
		if g.dlv != nil && child.PID == g.dlv.PID {
			continue
		}
		syscall.Kill(child.PID, syscall.SIGKILL)
		syscall.Wait4(child.PID, nil, 0, nil)
	}
}

// note leaves the last word for whoever asks later; who has asked for a good end hears it now.
func (g *guard) note(end Event) {
	told := end.Why == "end" && (end.Outcome == "clean" || end.Outcome == "exited")
	if g.order.Note == "" || told {
		return
	}
	word := map[string]any{"pid": g.order.PID, "end": end}
	for key, value := range g.order.Record {
		word[key] = value
	}
	if err := writeFile(g.order.Note, word); err != nil {
		g.events.Tell(Event{Kind: "unwritten", What: g.order.Note, Why: err.Error()})
	}
}
