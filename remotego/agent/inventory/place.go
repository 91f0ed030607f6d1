package inventory

import (
	"path"
	"strings"
)

// Place is where a process runs, as its control groups tell: a container, a systemd unit, or neither.
type Place struct {
	Container string `json:"container,omitempty"`
	Unit      string `json:"unit,omitempty"`
}

// ParsePlace reads /proc/PID/cgroup, of version 1 and 2 (cgroups(7)). The innermost container and unit count;
// with version 1 any controller may name the container, but only systemd's own group the unit.
func ParsePlace(text string) Place {
	var place Place
	for _, line := range strings.Split(text, "\n") {
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		groups := strings.Split(fields[2], "/")
		if id := containerOf(groups); id != "" {
			place.Container = id
		}
		if fields[1] == "" || fields[1] == "name=systemd" {
			if unit := unitOf(groups); unit != "" {
				place.Unit = unit
			}
		}
	}
	return place
}

func containerOf(groups []string) string {
	for i := len(groups) - 1; i >= 0; i-- {
		if id := containerID(groups[i]); id != "" {
			return id
		}
	}
	return ""
}

const idLength = 64

// containerID finds the id that Docker, containerd, CRI-O and Podman put at the end of a group's name:
// alone, or behind the name of the runtime and a dash or colon, with or without systemd's ".scope".
func containerID(group string) string {
	group = strings.TrimSuffix(group, ".scope")
	before := len(group) - idLength
	if before < 0 || before > 0 && !strings.ContainsRune("-:", rune(group[before-1])) {
		return ""
	}
	if id := group[before:]; strings.Trim(id, "0123456789abcdef") == "" {
		return id
	}
	return ""
}

func unitOf(groups []string) string {
	for i := len(groups) - 1; i >= 0; i-- {
		switch path.Ext(groups[i]) {
		case ".service", ".scope":
			return groups[i]
		}
	}
	return ""
}
