// Command job is a program to start: it tells how it was started, and ends with the code of its last argument.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

//go:noinline
func work(n int) int { return n * 2 }

func main() {
	where, _ := os.Getwd()
	fmt.Println("job", os.Args[1:], os.Getenv("JOB"), where)
	fmt.Fprintln(os.Stderr, "grüße")
	code, err := strconv.Atoi(os.Args[len(os.Args)-1])
	for n := 0; err != nil; n++ {
		work(n)
		time.Sleep(10 * time.Millisecond)
	}
	os.Exit(code)
}
