package session

import (
	"fmt"
	"os"

	"remotego/agent/proc"
	"remotego/agent/text"
)

// code is what we know of the process's machine code before dlv touches it.
type code struct {
	process proc.ID
	image   *text.Image
	known   text.Known
	program os.FileInfo
	failure error
}

// learn reads the code of a process that dlv has not touched yet.
func learn(process proc.ID) code {
	learnt := recall(process, nil)
	if learnt.failure != nil {
		return learnt
	}
	var patches text.Patches
	patches, learnt.failure = learnt.image.Diff()
	learnt.known = text.Know(patches)
	return learnt
}

// recall takes another's word for what was known before.
func recall(process proc.ID, known text.Known) code {
	recalled := code{process: process, known: known}
	recalled.image, recalled.failure = text.Load(process.PID)
	if recalled.failure == nil {
		recalled.program, recalled.failure = os.Stat(proc.Path(process.PID, "exe"))
	}
	return recalled
}

func (c code) close() {
	if c.image != nil {
		c.image.Close()
	}
}

// usable fails when nothing can be said about the code, also because the process has executed another program.
func (c code) usable() error {
	if c.failure != nil {
		return c.failure
	}
	now, err := os.Stat(proc.Path(c.process.PID, "exe"))
	if err != nil {
		return err
	}
	if !os.SameFile(c.program, now) {
		return fmt.Errorf("the process executes another program now")
	}
	return nil
}

// changes are the differences that came since we know the process.
func (c code) changes() (text.Patches, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	patches, err := c.image.Diff()
	return c.known.New(patches), err
}
