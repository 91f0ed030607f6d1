package route

import (
	"path"
	"strings"
)

// moduleOf is the module that a path is about, "" for none: of a proxy's own files, and of a lookup in a checksum
// database, which tells its name too.
func moduleOf(request string) string {
	request = strings.TrimPrefix(request, "/")
	if rest, found := strings.CutPrefix(request, "sumdb/"); found {
		_, name, found := strings.Cut(rest, "/lookup/")
		if !found {
			return ""
		}
		module, _, _ := strings.Cut(name, "@")
		return unescaped(module)
	}
	if module, _, found := strings.Cut(request, "/@"); found {
		return unescaped(module)
	}
	return unescaped(request)
}

// unescaped undoes golang.org/x/mod/module's EscapePath: "!x" is "X".
func unescaped(escaped string) string {
	var plain strings.Builder
	upper := false
	for _, letter := range escaped {
		switch {
		case letter == '!':
			upper = true
			continue
		case upper:
			plain.WriteString(strings.ToUpper(string(letter)))
		default:
			plain.WriteRune(letter)
		}
		upper = false
	}
	return plain.String()
}

// isPrivate tells whether a pattern matches the first elements of a module's path, as many as it has itself
// (golang.org/x/mod/module, MatchPrefixPatterns).
func isPrivate(patterns []string, module string) bool {
	elements := strings.Split(module, "/")
	for _, pattern := range patterns {
		pattern = strings.TrimSuffix(strings.TrimSpace(pattern), "/")
		number := strings.Count(pattern, "/") + 1
		if pattern == "" || number > len(elements) {
			continue
		}
		if matches, _ := path.Match(pattern, strings.Join(elements[:number], "/")); matches {
			return true
		}
	}
	return false
}
