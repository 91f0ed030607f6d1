package session

import (
	"math/rand"
	"testing"
	"time"
)

var noon = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

func at(s float64) time.Time { return noon.Add(seconds(s)) }

func equal[T comparable](t *testing.T, expected, actual T) {
	t.Helper()
	if expected != actual {
		t.Errorf("expected %v, got %v", expected, actual)
	}
}

// TestPauseIsAnnounced: at once, then every five seconds, then its end.
func TestPauseIsAnnounced(t *testing.T) {
	watch := Watch{}
	watch.Clients(Presence{1, 1})
	equal(t, Nothing, watch.Look(at(0), false))
	equal(t, Announce, watch.Look(at(1), true))
	equal(t, Nothing, watch.Look(at(5.9), true))
	equal(t, Announce, watch.Look(at(6), true))
	equal(t, 5*time.Second, watch.Age(at(6)))
	equal(t, Resumed, watch.Look(at(7), false))
	equal(t, Nothing, watch.Look(at(8), false))
}

// TestLastClientGone: the process is freed, paused or not, until that has worked.
func TestLastClientGone(t *testing.T) {
	watch := Watch{}
	watch.Clients(Presence{2, 2})
	watch.Clients(Presence{1, 2})
	equal(t, Nothing, watch.Look(at(0), false))
	watch.Clients(Presence{0, 2})
	equal(t, FreeAbandoned, watch.Look(at(1), false))
	equal(t, FreeAbandoned, watch.Look(at(2), false))
	watch.Freed()
	equal(t, Nothing, watch.Look(at(3), false))
}

// TestUnseenVisit: a client that came and went while we were busy has left its breakpoints all the same.
func TestUnseenVisit(t *testing.T) {
	watch := Watch{}
	watch.Clients(Presence{0, 1})
	equal(t, FreeAbandoned, watch.Look(at(0), false))
}

// TestNewClientInherits: whoever comes before the process is freed takes over what there is.
func TestNewClientInherits(t *testing.T) {
	watch := Watch{}
	watch.Clients(Presence{1, 1})
	watch.Clients(Presence{0, 1})
	watch.Clients(Presence{1, 2})
	equal(t, Nothing, watch.Look(at(1), false))
}

// TestPausedForNobody: a process that stops without a client is freed.
func TestPausedForNobody(t *testing.T) {
	watch := Watch{}
	equal(t, FreeAbandoned, watch.Look(at(1), true))
}

// TestHold: nothing is freed, only told.
func TestHold(t *testing.T) {
	watch := Watch{Hold: true}
	watch.Clients(Presence{1, 1})
	watch.Clients(Presence{0, 1})
	equal(t, Nothing, watch.Look(at(0), false))
	equal(t, Announce, watch.Look(at(1), true))
}

// TestMaxPause: it holds for watched and held processes alike.
func TestMaxPause(t *testing.T) {
	watch := Watch{Hold: true, MaxPause: 3 * time.Second}
	watch.Clients(Presence{1, 1})
	equal(t, Announce, watch.Look(at(0), true))
	equal(t, Nothing, watch.Look(at(2.9), true))
	equal(t, FreeOverdue, watch.Look(at(3), true))
	equal(t, FreeOverdue, watch.Look(at(4), true))
}

// TestNeverForgotten: whatever happens, without hold and without clients a paused process is always freed next.
func TestNeverForgotten(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for trial := 0; trial < 2000; trial++ {
		watch := Watch{MaxPause: time.Duration(random.Intn(3)) * time.Second}
		clients, visits := 0, 0
		for step := 0; step < 30; step++ {
			if random.Intn(3) == 0 {
				clients = random.Intn(3)
				visits += clients
				watch.Clients(Presence{clients, visits})
			}
			paused := random.Intn(2) == 0
			did := watch.Look(at(float64(step)), paused)
			if paused && clients == 0 && did != FreeAbandoned && did != FreeOverdue {
				t.Fatalf("trial %d, step %d: paused for nobody, and %v", trial, step, did)
			}
			if (did == FreeAbandoned || did == FreeOverdue) && random.Intn(2) == 0 {
				watch.Freed()
			}
		}
	}
}

// TestAwaited: a program that waits for its first client is not freed and not announced until that comes.
func TestAwaited(t *testing.T) {
	watch := Watch{Awaited: true, MaxPause: time.Second}
	equal(t, Nothing, watch.Look(at(0), true))
	equal(t, Nothing, watch.Look(at(9), true))
	watch.Clients(Presence{1, 1})
	equal(t, Announce, watch.Look(at(10), true))
	watch.Clients(Presence{0, 1})
	equal(t, FreeAbandoned, watch.Look(at(10.5), true))
}

// TestOrders: what cannot be carried out is refused before anything happens.
func TestOrders(t *testing.T) {
	for name, line := range map[string]string{
		"unknown word":   `{"dlv":["/d","attach"],"pid":1,"start":1,"directory":"/s","extra":1}`,
		"relative dlv":   `{"dlv":["dlv","attach"],"pid":1,"start":1,"directory":"/s"}`,
		"no start":       `{"dlv":["/d","attach"],"pid":1,"directory":"/s"}`,
		"path not clean": `{"dlv":["/d","attach"],"pid":1,"start":1,"directory":"/s/../t"}`,
		"no lease":       `{"dlv":["/d","attach"],"pid":1,"start":1,"directory":"/s","lease_s":0}`,
		"no object":      `[]`,
		"nothing":        ``,
	} {
		if _, err := ParseOrder([]byte(line)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	order, err := ParseOrder([]byte(`{"dlv":["/d","attach"],"pid":1,"start":1,"directory":"/s"}`))
	equal(t, nil, err)
	equal(t, 10.0, order.LeaseS)
}

// TestDeafReader: events nobody reads hold nobody up.
func TestDeafReader(t *testing.T) {
	events := NewEvents(deaf{})
	began := time.Now()
	for i := 0; i < 10000; i++ {
		events.Tell(Event{Kind: "x"})
	}
	events.Close(10 * time.Millisecond)
	equal(t, true, time.Since(began) < 5*time.Second)
}

type deaf struct{}

func (deaf) Write([]byte) (int, error) { select {} }
