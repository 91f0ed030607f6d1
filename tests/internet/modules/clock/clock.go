// Package clock is what only the company has: it counts.
package clock

import (
	"greet.example/words"
	"pace.example/step/v2"
)

// Version is the module's own.
const Version = "v0.0.0-dev"

// Clock counts in steps.
type Clock struct {
	Count int
	Step  step.Step
	Said  string
}

// New gives a clock that has not ticked.
func New() *Clock { return &Clock{Step: step.Of(1)} }

// Tick goes one step on.
//
//go:noinline
func (c *Clock) Tick() int {
	c.Count += c.Step.Size // breakpoint in the private module
	c.Said = words.For(c.Count)
	return c.Count
}
