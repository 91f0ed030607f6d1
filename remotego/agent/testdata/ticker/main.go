// Command ticker is a service to debug: it prints a line every few milliseconds, calls step from
// several threads, calls rare for every line of its standard input, and ends with that.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

//go:noinline
func step(n int) int {
	total := 0
	for i := 0; i < n%7; i++ {
		total += i * n
	}
	return total + 1
}

//go:noinline
func rare(n int) int { return step(n) + 1 }

func spin() {
	for n := 0; ; n++ {
		step(n)
		time.Sleep(100 * time.Microsecond)
	}
}

func obey() {
	lines := bufio.NewScanner(os.Stdin)
	for n := 0; lines.Scan(); n++ {
		fmt.Println("rare", rare(n))
	}
	os.Exit(0)
}

func main() {
	go obey()
	for i := 0; i < 3; i++ {
		go spin()
	}
	for n := 0; ; n++ {
		fmt.Println("tick", n)
		time.Sleep(5 * time.Millisecond)
	}
}
