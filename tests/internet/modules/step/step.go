// Package step says how far to go next.
package step

import "greet.example/words"

// Version is the module's own.
const Version = "v0.0.0-dev"

// Step is a distance and its name.
type Step struct {
	Size int
	Name string
}

// Of gives the step of a size.
func Of(size int) Step { return Step{size, words.For(size)} }
