package text

import (
	"testing"
)

// TestMaps: only the program's own mappings count, whatever its name is.
func TestMaps(t *testing.T) {
	raw := "55d0-55e0 r-xp 00001000 fe:00 99 /opt/a b\n7f00-7f10 r-xp 00001000 fe:00 98 /lib/x\n7f20-7f30 rw-p 00000000 00:00 0 \n"
	found, err := parseMaps([]byte(raw), "/opt/a b")
	if err != nil || len(found) != 1 || found[0] != (mapping{0x55d0, 0x55e0, 0x1000}) {
		t.Errorf("expected one mapping, got %v, %v", found, err)
	}
}

// TestWideTraps: a breakpoint of four bytes is one place, whichever of its bytes differ.
func TestWideTraps(t *testing.T) {
	image := &Image{traps: []byte{0x00, 0x00, 0x20, 0xd4}}
	want := []byte{1, 2, 3, 4, 0, 5, 6, 7}
	have := []byte{1, 2, 3, 4, 0, 0, 0x20, 0xd4}
	found := image.compare(nil, want, have, 0x1000)
	if len(found) != 1 || found[0].Address != 0x1004 || !found[0].Trap || string(found[0].Want) != string(want[4:]) {
		t.Errorf("expected one breakpoint at 0x1004, got %v", found)
	}
}

// TestForeignChange: what is no breakpoint is told byte by byte and known again.
func TestForeignChange(t *testing.T) {
	image := &Image{traps: []byte{0xcc}}
	found := image.compare(nil, []byte{1, 2, 3}, []byte{1, 0x90, 0xcc}, 0)
	if len(found) != 2 || found[0].Trap || !found[1].Trap || len(found.Traps()) != 1 {
		t.Errorf("expected one change and one breakpoint, got %v", found)
	}
	if left := Know(found).New(found); len(left) != 0 {
		t.Errorf("expected nothing new, got %v", left)
	}
}
