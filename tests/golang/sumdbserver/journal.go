package main

import (
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// journal is what was asked of the internet: one line of requests.jsonl each, there before the answer is.
type journal struct {
	sync.Mutex
	file *os.File
}

type entry struct {
	From  string `json:"from"`
	Host  string `json:"host"`
	TLS   bool   `json:"tls"`
	Path  string `json:"path"`
	Fault string `json:"fault"`
}

func openJournal(folder string) *journal {
	file, err := os.OpenFile(filepath.Join(folder, "requests.jsonl"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	return &journal{file: file}
}

func (j *journal) note(r *http.Request, fault Fault) {
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	line, err := json.Marshal(entry{from, hostOf(r), r.TLS != nil, r.URL.RequestURI(), fault.Name})
	if err != nil {
		log.Fatal(err)
	}
	j.Lock()
	defer j.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		log.Fatal(err)
	}
}

// hostOf is the name by which the client knows the server, without the port.
func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}
