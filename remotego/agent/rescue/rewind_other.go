//go:build !amd64

package rescue

import "remotego/agent/text"

// rewind has nothing to do where it is not known how a thread gets out of a breakpoint: on arm64 the thread
// still stands in front of it; its SIGTRAP, where one is under way, cannot be taken back.
func rewind(pid int, patches text.Patches) (int, error) { return 0, nil }
