package session

import "time"

// Step is what the guard has to do after a look at the process.
type Step int

// The steps. Announce repeats every announceEvery while a process stays paused.
const (
	Nothing Step = iota
	Announce
	Resumed
	FreeAbandoned
	FreeOverdue
)

const announceEvery = 5 * time.Second

// Watch decides when a process has to be freed. It knows neither processes nor clocks.
type Watch struct {
	Hold     bool
	MaxPause time.Duration
	// Awaited: the first client finds the process paused, however late it comes.
	Awaited bool
	clients Presence
	owed    bool
	paused  bool
	since   time.Time
	told    time.Time
}

// Clients notes who is connected. The last one to go leaves breakpoints behind that nobody wants.
func (w *Watch) Clients(now Presence) {
	some := w.clients.Inside > 0 || now.Visits > w.clients.Visits
	w.Awaited = w.Awaited && now.Visits == 0
	switch {
	case now.Inside > 0:
		w.owed = false
	case some && !w.Hold:
		w.owed = true
	}
	w.clients = now
}

// Look notes whether the process is paused now, and says what to do. Freed must follow a success.
func (w *Watch) Look(now time.Time, paused bool) Step {
	if w.Awaited {
		return Nothing
	}
	began := paused && !w.paused
	ended := !paused && w.paused
	w.paused = paused
	if began {
		w.since, w.told = now, now
	}
	switch {
	case paused && w.MaxPause > 0 && now.Sub(w.since) >= w.MaxPause:
		return FreeOverdue
	case w.owed, paused && w.clients.Inside == 0 && !w.Hold:
		return FreeAbandoned
	case began:
		return Announce
	case paused && now.Sub(w.told) >= announceEvery:
		w.told = now
		return Announce
	case ended:
		return Resumed
	}
	return Nothing
}

// Age is how long the process has been paused.
func (w *Watch) Age(now time.Time) time.Duration {
	if !w.paused {
		return 0
	}
	return now.Sub(w.since)
}

// Freed notes that the process runs and has no breakpoints.
func (w *Watch) Freed() { w.owed, w.paused = false, false }
