package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const lookAgain = 20 * time.Millisecond

// Fault is one entry of faults.json: for whom it holds, and what becomes of the true answer.
// The first that matches a request counts; the file is read anew for each request.
type Fault struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Host  string `json:"host"`  // regular expression for the whole name, without a port; "" is any
	Path  string `json:"path"`  // the same for the path
	Times int    `json:"times"` // for so many requests; 0 is no limit

	DelayS float64           `json:"delay_s"` // before the first byte
	Hang   bool              `json:"hang"`    // no byte until the fault is taken back
	Status int               `json:"status"`  // answer this instead of the truth; 0 is the truth
	Header map[string]string `json:"header"`
	Body   []byte            `json:"body"`
	Flip   bool              `json:"flip"`  // change one bit in the middle
	Hide   string            `json:"hide"`  // leave out the lines that match this regular expression
	Reset  *int              `json:"reset"` // reset the connection after so many bytes of the body
}

// internet answers for the world, as far as the faults let it.
type internet struct {
	world   http.Handler
	journal *journal
	mutex   sync.Mutex
	used    map[string]int
}

func (i *internet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := i.claim(r)
	i.journal.note(r, fault)
	if !patient(r, time.Duration(fault.DelayS*float64(time.Second))) || !i.released(r, fault) {
		panic(http.ErrAbortHandler) // nobody waits any more
	}
	answer := fault.answer(i.world, r)
	if fault.Reset != nil {
		reset(w, answer, *fault.Reset)
		return
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
	w.WriteHeader(answer.Code)
	if r.Method != http.MethodHead {
		answer.Body.WriteTo(w)
	}
}

// claim finds the fault that holds for a request, and counts it.
func (i *internet) claim(r *http.Request) Fault {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	for _, fault := range faults() {
		if !fault.matches(r) || fault.Times > 0 && i.used[fault.ID] >= fault.Times {
			continue
		}
		if i.used == nil {
			i.used = map[string]int{}
		}
		i.used[fault.ID]++
		return fault
	}
	return Fault{}
}

// released waits while the fault hangs; whether the client is still there then.
func (i *internet) released(r *http.Request, fault Fault) bool {
	holds := func(each Fault) bool { return each.ID == fault.ID && each.Hang }
	for fault.Hang && slices.ContainsFunc(faults(), holds) {
		if !patient(r, lookAgain) {
			return false
		}
	}
	return true
}

func faults() []Fault {
	text, err := os.ReadFile(filepath.Join(*control, "faults.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var found []Fault
	if err == nil {
		err = json.Unmarshal(text, &found)
	}
	if err != nil {
		log.Fatal(err)
	}
	return found
}

func (f Fault) matches(r *http.Request) bool {
	return whole(f.Host, hostOf(r)) && whole(f.Path, r.URL.Path)
}

// answer is what the client would get, before the connection has its say.
func (f Fault) answer(world http.Handler, r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	if f.Status == 0 {
		world.ServeHTTP(answer, r)
	} else {
		answer.Code = f.Status
		answer.Body.Write(f.Body)
	}
	for name, value := range f.Header {
		answer.Header().Set(name, value)
	}
	if f.Hide != "" {
		answer.Body = bytes.NewBufferString(without(answer.Body.String(), regexp.MustCompile(f.Hide)))
	}
	if data := answer.Body.Bytes(); f.Flip && len(data) > 0 {
		data[len(data)/2] ^= 1
	}
	return answer
}

// reset promises the whole answer, gives the beginning, and drops the connection with RST.
func reset(w http.ResponseWriter, answer *httptest.ResponseRecorder, after int) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	body := answer.Body.Bytes()
	if after > 0 {
		fmt.Fprintf(conn, "HTTP/1.1 %d Whatever\r\nContent-Length: %d\r\n\r\n", answer.Code, len(body))
		conn.Write(body[:min(after, len(body))])
		time.Sleep(lookAgain) // RST discards what the client has not read yet
	}
	plain := conn
	if secured, ok := conn.(*tls.Conn); ok {
		plain = secured.NetConn()
	}
	plain.(*net.TCPConn).SetLinger(0)
	plain.Close()
}

func patient(r *http.Request, wait time.Duration) bool {
	select {
	case <-r.Context().Done():
		return false
	case <-time.After(wait):
		return true
	}
}

func whole(pattern, text string) bool {
	return pattern == "" || regexp.MustCompile("^(?:"+pattern+")$").MatchString(text)
}

func without(text string, unwanted *regexp.Regexp) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !unwanted.MatchString(line) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
