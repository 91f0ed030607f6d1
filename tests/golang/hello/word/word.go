// Package word stands in for a dependency.
package word

// Hello is one word; inlined, no trace of this file would be left.
//
//go:noinline
func Hello() string { return "hello" }
