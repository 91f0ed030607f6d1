// Sumdbserver is a module proxy with a checksum database: x/mod's own server, with a key that is given.
//
// With -control it is an internet whose faults a test decides: see faults.go and journal.go.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
)

var (
	listen    = flag.String("listen", "127.0.0.1:0", "addresses, with spaces between")
	tlsListen = flag.String("tls-listen", "", "addresses for TLS, with spaces between")
	cert      = flag.String("cert", "", "file of the certificate")
	certKey   = flag.String("cert-key", "", "file of its key")
	control   = flag.String("control", "", "folder of faults.json, which is read, and requests.jsonl, which is written")
)

func main() {
	flag.Parse()
	mux := http.NewServeMux()
	database(mux)
	mux.Handle("/", http.FileServer(http.Dir(*dir)))
	serve(controlled(mux))
	os.Stdin.Read(make([]byte, 1)) // until whoever started it has gone
}

func controlled(world http.Handler) http.Handler {
	if *control == "" {
		return world
	}
	return &internet{world: world, journal: openJournal(*control)}
}

// serve listens on every address, and prints one URL for each when all of them are open.
func serve(handler http.Handler) {
	server := &http.Server{
		Handler: handler,
		// HTTP/1.1 alone: a fault may have to reset the connection of one request.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		ErrorLog:     log.New(os.Stderr, "", 0),
	}
	for _, address := range strings.Fields(*listen) {
		listener := open(address)
		fmt.Println("http://" + listener.Addr().String())
		go func() { log.Fatal(server.Serve(listener)) }()
	}
	for _, address := range strings.Fields(*tlsListen) {
		listener := open(address)
		fmt.Println("https://" + listener.Addr().String())
		go func() { log.Fatal(server.ServeTLS(listener, *cert, *certKey)) }()
	}
}

func open(address string) net.Listener {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}
