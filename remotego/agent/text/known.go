package text

// Patches are differences between a process and its file.
type Patches []Patch

// Known are the places that differed before we came: a profiler's uprobes, or what an
// earlier accident left. They are nobody's business here.
type Known map[uint64]bool

// Know remembers these differences.
func Know(patches Patches) Known {
	known := make(Known, len(patches))
	for _, patch := range patches {
		known[patch.Address] = true
	}
	return known
}

// New leaves out what was known.
func (k Known) New(patches Patches) Patches {
	return patches.only(func(patch Patch) bool { return !k[patch.Address] })
}

// Traps leaves only breakpoints.
func (p Patches) Traps() Patches { return p.only(func(patch Patch) bool { return patch.Trap }) }

func (p Patches) only(wanted func(Patch) bool) (kept Patches) {
	for _, patch := range p {
		if wanted(patch) {
			kept = append(kept, patch)
		}
	}
	return kept
}
