package inventory

import (
	"strconv"
	"strings"
)

// ParseUsers reads names by uid from a text like /etc/passwd (passwd(5)); the first name of a uid counts.
func ParseUsers(text string) map[int]string {
	names := map[int]string{}
	for _, entry := range strings.Split(text, "\n") {
		fields := strings.Split(entry, ":")
		if len(fields) < 3 {
			continue
		}
		uid, err := strconv.Atoi(fields[2])
		if _, known := names[uid]; err == nil && !known {
			names[uid] = fields[0]
		}
	}
	return names
}
