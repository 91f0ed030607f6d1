package main

import (
	"time"

	"remotego.test/ticker/pace"
)

// Place is where a service says it stands.
type Place struct {
	Host string
	Rack int
}

// Service is the state worth looking at in a debugger.
type Service struct {
	Name    string
	Count   int
	Step    pace.Step
	Place   Place
	Labels  map[string]string
	Recent  []int
	Started time.Time
}

func newService(name, host string) *Service {
	return &Service{
		Name:    name,
		Step:    pace.Step{Size: 1, Name: "one"},
		Place:   Place{Host: host, Rack: 7},
		Labels:  map[string]string{"tier": "sample"},
		Started: time.Now(),
	}
}
