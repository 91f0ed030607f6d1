package inventory

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"remotego/agent/proc"
)

// Program is what a Go binary says about itself. Flags are null where it was built before Go 1.18,
// which recorded none. Optimised is false only when all packages were built with -N -l.
type Program struct {
	Go        string `json:"go"`
	Arch      string `json:"goarch,omitempty"`
	Path      string `json:"path,omitempty"`
	Module    string `json:"module,omitempty"`
	Version   string `json:"version,omitempty"`
	Revision  string `json:"revision,omitempty"`
	Modified  *bool  `json:"modified"`
	Optimised *bool  `json:"optimised"`
	Trimpath  *bool  `json:"trimpath"`
	Race      *bool  `json:"race"`
	Cgo       *bool  `json:"cgo"`
	PIE       bool   `json:"pie"`
	Stripped  bool   `json:"stripped"`
	Symbols   bool   `json:"symbols"`
}

// fileKey names one content: an inode that was not written since.
type fileKey struct {
	device, inode uint64
	changed       int64
}

type reading struct {
	program *Program
	err     error
}

// Programs reads every binary once, however many processes execute it.
type Programs map[fileKey]reading

// Of reads the binary of a process, nil for one that is not of Go. The file is the one that is executed,
// even where another has taken its name; of it only the parts that matter are read.
func (p Programs) Of(pid int) (*Program, error) {
	path := proc.Path(pid, "exe")
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	key := keyOf(info)
	known, found := p[key]
	if !found {
		known.program, known.err = read(path)
		p[key] = known
	}
	return known.program, known.err
}

func keyOf(info os.FileInfo) fileKey {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileKey{changed: time.Now().UnixNano()}
	}
	return fileKey{uint64(stat.Dev), stat.Ino, info.ModTime().UnixNano()}
}

func read(path string) (*Program, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	binary, err := elf.NewFile(file)
	if err != nil {
		return nil, nil
	}
	if !mayBeGo(binary) {
		return nil, nil
	}
	info, err := buildinfo.Read(file)
	if err != nil {
		return nil, nil
	}
	return describe(info, binary), nil
}

// mayBeGo spares us the search through the data of every other program: the linker has marked Go programs by
// a section since Go 1.13, and none but a Go program lacks all sections and is searched (sstrip, UPX).
func mayBeGo(binary *elf.File) bool {
	return len(binary.Sections) == 0 || binary.Section(".go.buildinfo") != nil
}

func describe(info *buildinfo.BuildInfo, binary *elf.File) *Program {
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	program := &Program{
		Go:       info.GoVersion,
		Arch:     architectures[binary.Machine],
		Path:     info.Path,
		Module:   info.Main.Path,
		Version:  info.Main.Version,
		Revision: settings["vcs.revision"],
		PIE:      binary.Type == elf.ET_DYN,
		Stripped: binary.Section(".debug_info") == nil && binary.Section(".zdebug_info") == nil,
		Symbols:  binary.Section(".symtab") != nil,
	}
	if modified, found := settings["vcs.modified"]; found {
		program.Modified = truth(modified == "true")
	}
	if recorded(info.Settings) {
		program.Optimised = truth(!unoptimised(settings["-gcflags"]))
		program.Trimpath = truth(settings["-trimpath"] == "true")
		program.Race = truth(settings["-race"] == "true")
		program.Cgo = truth(settings["CGO_ENABLED"] == "1")
	}
	return program
}

func recorded(settings []debug.BuildSetting) bool { return len(settings) > 0 }

// unoptimised says whether these -gcflags keep the code of every package as it was written.
func unoptimised(flags string) bool {
	pattern, words, found := strings.Cut(flags, "=")
	set := map[string]bool{}
	for _, word := range strings.Fields(strings.Trim(words, `"'`)) {
		set[word] = true
	}
	return found && pattern == "all" && set["-N"] && set["-l"]
}

// architectures are Go's names; 386 programs run on amd64, too.
var architectures = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_386: "386", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm",
	elf.EM_PPC64: "ppc64le", elf.EM_RISCV: "riscv64", elf.EM_LOONGARCH: "loong64", elf.EM_S390: "s390x",
}

func truth(value bool) *bool { return &value }
