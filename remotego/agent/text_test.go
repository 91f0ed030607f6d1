package main

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"
	"testing"

	"remotego/agent/proc"
	"remotego/agent/text"
)

// TestSameText: a running program's code is its file's, fixed or position-independent.
func TestSameText(t *testing.T) {
	for _, flags := range [][]string{nil, {"-buildmode=pie"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			equal(t, "changed places", 0, len(serve(t, compile(t, flags...)).patches()))
		})
	}
}

// TestTrapFoundAndTakenOut: a breakpoint is found and taken out; another change is found and left.
func TestTrapFoundAndTakenOut(t *testing.T) {
	for _, flags := range [][]string{nil, {"-buildmode=pie"}} {
		t.Run(fmt.Sprint(flags), func(t *testing.T) {
			program := compile(t, flags...)
			s := serve(t, program)
			memory, err := os.OpenFile(proc.Path(s.id.PID, "mem"), os.O_RDWR, 0)
			must(t, err)
			defer memory.Close()
			image, err := text.Load(s.id.PID)
			must(t, err)
			defer image.Close()
			address := symbol(t, program, "main.rare") + bias(t, s.id.PID, program)
			_, err = memory.WriteAt([]byte{0xcc, 0x90}, int64(address))
			must(t, err)
			patches, err := image.Diff()
			must(t, err)
			if len(patches) != 2 {
				t.Fatalf("expected 2 places, got %v", patches)
			}
			equal(t, "address", address, patches[0].Address)
			equal(t, "is a breakpoint", true, patches[0].Trap)
			written, err := image.Restore(patches)
			must(t, err)
			equal(t, "written", 1, written)
			equal(t, "left", address+1, s.patches()[0].Address)
		})
	}
}

func symbol(t *testing.T, program, name string) uint64 {
	t.Helper()
	file, err := elf.Open(program)
	must(t, err)
	defer file.Close()
	symbols, err := file.Symbols()
	must(t, err)
	for _, one := range symbols {
		if one.Name == name {
			return one.Value
		}
	}
	t.Fatalf("no %s", name)
	return 0
}

func lineWith(lines, part string) string {
	for _, line := range strings.Split(lines, "\n") {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// bias is where the first mapping of the program begins, less where its file wants it.
func bias(t *testing.T, pid int, program string) uint64 {
	t.Helper()
	file, err := elf.Open(program)
	must(t, err)
	defer file.Close()
	if file.Type == elf.ET_EXEC {
		return 0
	}
	raw, err := os.ReadFile(proc.Path(pid, "maps"))
	must(t, err)
	var start uint64
	_, err = fmt.Sscanf(lineWith(string(raw), program), "%x-", &start)
	must(t, err)
	for _, head := range file.Progs {
		if head.Type == elf.PT_LOAD {
			return start - head.Vaddr
		}
	}
	t.Fatal("nothing to load")
	return 0
}
