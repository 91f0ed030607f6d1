// Oracle answers questions, a line of JSON each, with the Go packages that cmd/go itself goes by.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"

	"golang.org/x/mod/module"
	"golang.org/x/net/http/httpproxy"
)

type question struct {
	Globs, Target             string // whether a list of patterns fits a path
	URL, HTTP, HTTPS, NoProxy string // through which HTTP proxy a URL is asked
}

func answer(asked question) any {
	if asked.URL == "" {
		return module.MatchPrefixPatterns(asked.Globs, asked.Target)
	}
	config := httpproxy.Config{HTTPProxy: asked.HTTP, HTTPSProxy: asked.HTTPS, NoProxy: asked.NoProxy}
	target, err := url.Parse(asked.URL)
	if err != nil {
		log.Fatal(err)
	}
	proxy, err := config.ProxyFunc()(target)
	return err == nil && proxy != nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(answer(asked))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(text))
	}
}
