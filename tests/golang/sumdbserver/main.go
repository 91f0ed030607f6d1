// Sumdbserver is a module proxy with a checksum database: x/mod's own server, over loopback, with a key that is given.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
)

const toolchain = "golang.org/toolchain"

var (
	key  = flag.String("key", "", "signer key")
	name = flag.String("name", "", "name of the database")
	dir  = flag.String("dir", "", "files of the proxy")
	salt = flag.String("salt", "", "what makes the records of modules nobody has differ")
	bare = flag.Bool("bare", false, "leave out the line of a toolchain's zip, as CVE-2026-42501 had it")
	size = 0
)

// sums gives a module's lines of go.sum: hashed from its zip where there is one, made up where nobody has it.
func sums(path, version string) ([]byte, error) {
	zip := filepath.Join(*dir, path, "@v", version+".zip")
	hash, err := dirhash.HashZip(zip, dirhash.Hash1)
	if errors.Is(err, fs.ErrNotExist) && path != toolchain {
		sum := sha256.Sum256([]byte(path + version + *salt))
		hash, err = "h1:"+base64.StdEncoding.EncodeToString(sum[:]), nil
	}
	if err != nil {
		return nil, err
	}
	modHash, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		file, err := os.Open(strings.TrimSuffix(zip, "zip") + "mod")
		if err != nil {
			return io.NopCloser(strings.NewReader("module " + path + "\n")), nil
		}
		return file, nil
	})
	if err != nil {
		return nil, err
	}
	mod := fmt.Sprintf("%s %s/go.mod %s\n", path, version, modHash)
	if *bare && path == toolchain {
		return []byte(mod), nil
	}
	return fmt.Appendf(nil, "%s %s %s\n%s", path, version, hash, mod), nil
}

// honest says 404 for tiles that are not there: x/mod's test server panics over them.
func honest(server http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.NotFound(w, r)
			}
		}()
		server.ServeHTTP(w, r)
	})
}

func main() {
	flag.Parse()
	ops := sumdb.NewTestServer(*key, sums)
	server := sumdb.NewServer(ops)
	prefix := "/sumdb/" + *name
	http.HandleFunc(prefix+"/supported", func(http.ResponseWriter, *http.Request) {})
	for _, path := range sumdb.ServerPaths {
		http.Handle(prefix+path, http.StripPrefix(prefix, honest(server)))
	}
	http.HandleFunc("/grow/", func(w http.ResponseWriter, r *http.Request) {
		target, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/grow/"))
		if err != nil {
			log.Fatal(err)
		}
		for ; size < target; size++ {
			filler := module.Version{Path: "example.com/filler", Version: fmt.Sprintf("v1.0.%d", size)}
			if _, err := ops.Lookup(r.Context(), filler); err != nil {
				log.Fatal(err)
			}
		}
	})
	http.Handle("/", http.FileServer(http.Dir(*dir)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		os.Stdin.Read(make([]byte, 1)) // whoever started it has gone
		os.Exit(0)
	}()
	log.Fatal(http.Serve(listener, nil))
}
