// The smallest program with a package of its own and a replaced dependency.
package main

import (
	"fmt"

	"example.com/hello/inner"
)

func main() { fmt.Println(inner.Greeting()) }
