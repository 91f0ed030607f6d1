package credential

import (
	"bufio"
	"strings"
	"testing"
)

func TestQuestionsThatNoURLMakesAreRefused(t *testing.T) {
	for _, url := range []string{
		"http://h.example/x", "https://h.example/x\nhttps://evil.example", "https://h.example/ x", "https://h.example/\x00",
		"https://h.example/" + strings.Repeat("a", urlLimit), "",
	} {
		if err := (Question{Kind: "git", Operation: "get", URL: url}).check(); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
	if err := (Question{Kind: "git", Operation: "store", URL: "https://h.example/x"}).check(); err == nil {
		t.Error("git may not have a secret stored")
	}
}

func TestAnswersDoNotBreakOutOfTheirFormats(t *testing.T) {
	for _, reply := range []Reply{
		{User: "a\nquit=0", Password: "x"}, {Password: "x\r\nEvil: 1"}, {Password: "x", Paths: []string{"/a\n"}},
		{Password: "x", Paths: []string{"/a/../b"}}, {Password: "x", Paths: []string{"//b"}}, {Refuse: "a\nb"},
	} {
		if reply.check() == nil {
			t.Errorf("%+v was taken", reply)
		}
	}
	if err := (Reply{User: "a", Password: "x", Paths: []string{"", "/team/svc.git"}}).check(); err != nil {
		t.Error(err)
	}
}

func TestGoFindsTheURLItHasAskedForAndAllBelowThePrefix(t *testing.T) {
	got := Reply{User: "u", Password: "p", Paths: []string{"/team"}}.headers("https://h:8443/team/x?go-get=1", "https://h:8443/team/x")
	want := "https://h:8443/team/x?go-get=1\nhttps://h:8443/team\n\nAuthorization: Basic dTpw\n\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}

func TestWhatGitSaysTwiceOrOddlyIsNotAnswered(t *testing.T) {
	for _, text := range []string{"protocol=https\nhost=a\nhost=b\n\n", "nonsense\n\n", "=\n=\n"} {
		if url, err := readGit(strings.NewReader(text)); err == nil && strings.HasPrefix(url, "https://") {
			t.Errorf("%q became %q", text, url)
		}
	}
	url, err := readGit(strings.NewReader("capability[]=a\ncapability[]=b\nprotocol=https\nhost=h:1\npath=p/q\n\n"))
	if err != nil || url != "https://h:1/p/q" {
		t.Errorf("%q, %v", url, err)
	}
}

func TestALineThatIsTooLongIsNone(t *testing.T) {
	var question Question
	long := `{"kind":"git","url":"` + strings.Repeat("a", lineLimit) + "\"}\n"
	if err := readLine(bufio.NewReader(strings.NewReader(long)), &question); err == nil {
		t.Error("it was taken")
	}
	if err := readLine(bufio.NewReader(strings.NewReader(`{"kind":"git","extra":1}`+"\n")), &question); err == nil {
		t.Error("an unknown word was taken")
	}
}

func TestOrdersAreReadStrictly(t *testing.T) {
	good := `{"id":"0123456789abcdef","lease_s":10,"expires_s":60,"prefixes":["https://h.example:8443/team"],"netrc":"","link_netrc":false}`
	if _, err := ParseOrder([]byte(good)); err != nil {
		t.Error(err)
	}
	for _, change := range [][2]string{
		{"0123456789abcdef", "../x"}, {"\"lease_s\":10", "\"lease_s\":0"}, {"60", "1e9"}, {"/team", "/team\\\"]"},
		{"https://h", "http://h"}, {"/team", "/../team"}, {"\"netrc\"", "\"other\""},
	} {
		if _, err := ParseOrder([]byte(strings.Replace(good, change[0], change[1], 1))); err == nil {
			t.Errorf("%v was taken", change)
		}
	}
}
