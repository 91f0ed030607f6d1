// Package inner is a second package of the main module.
package inner

import "example.com/word"

// Greeting is printed by main.
func Greeting() string { return word.Hello() + ", world" }
