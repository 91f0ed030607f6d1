package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsRefused(t *testing.T) {
	token := strings.Repeat("ab", 32)
	for text, word := range map[string]string{
		`{}`: "",
		`{"listen":"127.0.0.1:1","upstream":"off"}`:                       "",
		`{"listen":"[::1]:8081"}`:                                         "",
		`{"listen":"0.0.0.0:8081","tls":true,"tokens":["` + token + `"]}`: "",
		`{"listen":"0.0.0.0:8081"}`:                                       "from outside",
		`{"listen":"10.0.0.1:8081","tls":true}`:                           "from outside",
		`{"listen":"localhost:8081"}`:                                     "no address",
		`{"listen":"127.0.0.1:80832"}`:                                    "no address",
		`{"tokens":["` + token + `"]}`:                                    "they take TLS",
		`{"tls":true,"tokens":["secret"]}`:                                "not the SHA-256",
		`{"upstream":"https://proxy.golang.org,direct"}`:                  "direct",
		`{"upstream":"https://user:secret@proxy.example"}`:                "credentials",
		`{"upstream":"file:///x"}`:                                        "no http",
		`{"upstream":""}`:                                                 "empty",
		`{"upstreams":"off"}`:                                             "unknown field",
		`{"max_bytes":0}`:                                                 "max_bytes",
	} {
		_, err := Parse([]byte(text))
		said := ""
		if err != nil {
			said = err.Error()
		}
		if (word == "") != (err == nil) || !strings.Contains(said, word) {
			t.Errorf("%s: expected %q in %q", text, word, said)
		}
	}
}

func TestNoSecretIsRepeated(t *testing.T) {
	_, err := Parse([]byte(`{"upstream":"https://user:canary@proxy.example"}`))
	if strings.Contains(fmt.Sprint(err), "canary") {
		t.Error("the password is in the message")
	}
}
