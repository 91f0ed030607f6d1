// Package words has the words for small numbers.
package words

// Version is the module's own.
const Version = "v0.0.0-dev"

var small = [...]string{"none", "one", "two", "three", "four"}

// For says how much n is.
func For(n int) string {
	if n < 0 || n >= len(small) {
		return "many"
	}
	return small[n]
}
