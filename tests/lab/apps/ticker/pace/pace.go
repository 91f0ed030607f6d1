// Package pace decides how a counter moves.
package pace

// Step is by how much a counter moves each time.
type Step struct {
	Size int
	Name string
}

// Next returns the value that follows count.
func Next(count int, step Step) int {
	moved := count + step.Size
	return moved
}
