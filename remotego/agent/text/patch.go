package text

import (
	"bytes"
	"fmt"
	"os"

	"remotego/agent/proc"
)

const (
	chunk     = 1 << 18
	patchesAt = 1 << 14
)

// Patch is a place where the process has other code than its file.
type Patch struct {
	Address uint64
	Want    []byte
	Trap    bool
}

// Diff lists where the code differs, nil when it is the same. A breakpoint gives a Patch with Trap set;
// of anything else only single bytes are told. It fails when more than 16384 places differ:
// such code was not written by a debugger.
func (i *Image) Diff() (Patches, error) {
	memory, err := os.Open(proc.Path(i.pid, "mem"))
	if err != nil {
		return nil, err
	}
	defer memory.Close()
	var found Patches
	ours, theirs := make([]byte, chunk), make([]byte, chunk)
	for _, part := range i.segments {
		for done := uint64(0); done < part.size; {
			size := min(chunk, part.size-done)
			if err := readAt(i.file, ours[:size], part.offset+done); err != nil {
				return nil, err
			}
			if err := readAt(memory, theirs[:size], part.address+done); err != nil {
				return nil, err
			}
			found = i.compare(found, ours[:size], theirs[:size], part.address+done)
			if len(found) > patchesAt {
				return nil, fmt.Errorf("the code differs from its file in more than %d places", patchesAt)
			}
			done += size
		}
	}
	return found, nil
}

func (i *Image) compare(found Patches, want, have []byte, address uint64) Patches {
	if bytes.Equal(want, have) {
		return found
	}
	for at := 0; at < len(want); at++ {
		if want[at] == have[at] {
			continue
		}
		size, trap := i.trapAt(have, at)
		start := at - at%max(size, 1)
		if !trap {
			start, size = at, 1
		}
		found = append(found, Patch{address + uint64(start), bytes.Clone(want[start : start+size]), trap})
		at = start + size - 1
	}
	return found
}

// trapAt says whether the instruction that holds this byte is a breakpoint, and its size.
// Instructions of more than one byte are aligned to their size; so are the chunks.
func (i *Image) trapAt(have []byte, at int) (int, bool) {
	size := len(i.traps)
	if size == 0 {
		return 0, false
	}
	start := at - at%size
	return size, start+size <= len(have) && bytes.Equal(i.traps, have[start:start+size])
}

// Restore writes the file's code over breakpoints, and only over them: other differences
// are the program's own business. It works while another process traces this one.
// Writing needs the right to trace, and a kernel whose proc_mem.force_override is not "never".
func (i *Image) Restore(patches Patches) (written int, err error) {
	memory, err := os.OpenFile(proc.Path(i.pid, "mem"), os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer memory.Close()
	for _, patch := range patches {
		if !patch.Trap {
			continue
		}
		if _, err := memory.WriteAt(patch.Want, int64(patch.Address)); err != nil {
			return written, err
		}
		written++
	}
	return written, nil
}
