// Package text compares the machine code a process executes with the file it came from,
// and takes out breakpoints that a debugger left behind.
package text

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"remotego/agent/proc"
)

// Image is the executable part of a program as its file has it, placed where the process has it.
type Image struct {
	pid      int
	file     *os.File
	traps    []byte
	segments []segment
}

type segment struct {
	address, offset, size uint64
}

// Load finds the executable segments of a process. Position-independent programs are found
// by their first mapping (proc_pid_maps(5)). Shared libraries are left out: Delve's own breakpoints
// and those set on Go code are in the program itself.
func Load(pid int) (*Image, error) {
	file, err := os.Open(proc.Path(pid, "exe"))
	if err != nil {
		return nil, err
	}
	image, err := place(pid, file)
	if err != nil {
		file.Close()
	}
	return image, err
}

func place(pid int, file *os.File) (*Image, error) {
	program, err := elf.NewFile(file)
	if err != nil {
		return nil, err
	}
	maps, err := os.ReadFile(proc.Path(pid, "maps"))
	if err != nil {
		return nil, err
	}
	name, err := os.Readlink(proc.Path(pid, "exe"))
	if err != nil {
		return nil, err
	}
	mapped, err := parseMaps(maps, name)
	if err != nil {
		return nil, err
	}
	image := &Image{pid: pid, file: file, traps: traps[program.Machine]}
	for _, head := range program.Progs {
		if head.Type != elf.PT_LOAD || head.Flags&elf.PF_X == 0 {
			continue
		}
		bias, err := biasOf(program, head.ProgHeader, mapped)
		if err != nil {
			return nil, err
		}
		image.segments = append(image.segments, segment{head.Vaddr + bias, head.Off, head.Filesz})
	}
	if len(image.segments) == 0 {
		return nil, errors.New("no executable segment in the program")
	}
	return image, nil
}

// Close lets go of the program's file.
func (i *Image) Close() error { return i.file.Close() }

// Size is the number of bytes compared.
func (i *Image) Size() (size uint64) {
	for _, part := range i.segments {
		size += part.size
	}
	return size
}

// traps are the instructions debuggers write over code, by machine
// (Delve: pkg/proc/amd64_arch.go, arm64_arch.go and their like).
var traps = map[elf.Machine][]byte{
	elf.EM_X86_64:  {0xcc},
	elf.EM_386:     {0xcc},
	elf.EM_AARCH64: {0x00, 0x00, 0x20, 0xd4},
}

type mapping struct {
	start, end, offset uint64
}

// parseMaps lists where the file of this name is mapped. Inodes are of no use here: on overlay file systems
// the table has others than stat(2).
func parseMaps(raw []byte, name string) ([]mapping, error) {
	var found []mapping
	for _, line := range bytes.Split(raw, []byte("\n")) {
		fields := strings.Fields(string(line))
		if len(fields) < 6 || !strings.HasSuffix(string(line), " "+strings.ReplaceAll(name, "\n", `\012`)) {
			continue
		}
		from, to, _ := strings.Cut(fields[0], "-")
		var entry mapping
		var failures [3]error
		entry.start, failures[0] = strconv.ParseUint(from, 16, 64)
		entry.end, failures[1] = strconv.ParseUint(to, 16, 64)
		entry.offset, failures[2] = strconv.ParseUint(fields[2], 16, 64)
		if err := errors.Join(failures[:]...); err != nil {
			return nil, fmt.Errorf("maps: %w", err)
		}
		found = append(found, entry)
	}
	return found, nil
}

// biasOf is what was added to the addresses of the file. A fixed program (ET_EXEC) has none.
func biasOf(program *elf.File, head elf.ProgHeader, mapped []mapping) (uint64, error) {
	if program.Type == elf.ET_EXEC {
		return 0, nil
	}
	for _, entry := range mapped {
		inside := entry.offset <= head.Off && head.Off-entry.offset < entry.end-entry.start
		if inside {
			return entry.start + head.Off - entry.offset - head.Vaddr, nil
		}
	}
	return 0, errors.New("the program's code is not mapped where its file says")
}

func readAt(source io.ReaderAt, into []byte, at uint64) error {
	n, err := source.ReadAt(into, int64(at))
	if n == len(into) {
		return nil
	}
	return err
}
