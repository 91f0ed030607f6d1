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
	key    = flag.String("key", "", "signer key")
	name   = flag.String("name", "", "name of the database")
	dir    = flag.String("dir", "", "files of the proxy")
	salt   = flag.String("salt", "", "what makes the records of modules nobody has differ")
	bare   = flag.Bool("bare", false, "leave out the line of a toolchain's zip, as CVE-2026-42501 had it")
	strict = flag.Bool("strict", false, "know only the modules that the proxy has, as the public database knows no private ones")
	size   = 0
)

// database is x/mod's own server, over the modules of the proxy.
func database(mux *http.ServeMux) {
	ops := sumdb.NewTestServer(*key, sums)
	server := honest(sumdb.NewServer(ops))
	prefix := "/sumdb/" + *name
	mux.HandleFunc(prefix+"/supported", func(http.ResponseWriter, *http.Request) {})
	for _, path := range sumdb.ServerPaths {
		mux.Handle(prefix+path, http.StripPrefix(prefix, server))
		mux.Handle(path, server) // as the host of a database serves it, beside any proxy
	}
	mux.HandleFunc("/grow/", func(w http.ResponseWriter, r *http.Request) {
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
}

// sums gives a module's lines of go.sum: hashed from its zip where there is one, made up where nobody has it.
func sums(path, version string) ([]byte, error) {
	escaped, err := module.EscapePath(path)
	if err != nil {
		return nil, err
	}
	zip := filepath.Join(*dir, escaped, "@v", version+".zip")
	hash, err := dirhash.HashZip(zip, dirhash.Hash1)
	if errors.Is(err, fs.ErrNotExist) && path != toolchain && !*strict {
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
