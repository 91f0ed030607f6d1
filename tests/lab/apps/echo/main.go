// Command echo returns what it gets on a unix socket, its argument, and on a port of 127.0.0.1, which it prints.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
)

func main() {
	unix, err := net.Listen("unix", os.Args[1])
	exitOn(err)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	exitOn(err)
	fmt.Println(tcp.Addr().(*net.TCPAddr).Port)
	go serve(tcp)
	serve(unix)
}

func serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		exitOn(err)
		go func() {
			defer conn.Close()
			io.Copy(conn, conn)
		}()
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
