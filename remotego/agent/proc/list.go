package proc

import (
	"os"
	"strconv"
)

// PIDs lists all processes we can see, in ascending order of their directory entries.
func PIDs() ([]int, error) { return numbers(Root) }

// Threads lists the threads of a process.
func Threads(pid int) ([]int, error) { return numbers(Path(pid, "task")) }

// OwnsThread says whether the thread belongs to the process.
func OwnsThread(pid, thread int) bool {
	_, err := os.Lstat(Path(pid, "task/"+strconv.Itoa(thread)))
	return err == nil
}

// OwnerOf finds the process a thread belongs to, 0 where it cannot be told (Tgid, proc_pid_status(5)).
func OwnerOf(thread int) int {
	raw, err := os.ReadFile(Path(thread, "status"))
	if err != nil {
		return 0
	}
	return tgid(raw)
}

// Children lists the processes whose parent is pid.
func Children(pid int) ([]ID, error) {
	all, err := PIDs()
	if err != nil {
		return nil, err
	}
	var children []ID
	for _, candidate := range all {
		if stat, err := ReadStat(candidate); err == nil && stat.Parent == pid {
			children = append(children, stat.ID)
		}
	}
	return children, nil
}

func numbers(directory string) ([]int, error) {
	file, err := os.Open(directory)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	names, err := file.Readdirnames(-1)
	found := make([]int, 0, len(names))
	for _, name := range names {
		if id, err := strconv.Atoi(name); err == nil {
			found = append(found, id)
		}
	}
	return found, err
}

// ReadThread reads the state of one thread of a process.
func ReadThread(pid, thread int) (Stat, error) {
	raw, err := os.ReadFile(Path(pid, "task/"+strconv.Itoa(thread)+"/stat"))
	if err != nil {
		return Stat{}, err
	}
	return ParseStat(raw)
}

// ReadThreadStatus reads the status of one thread of a process.
func ReadThreadStatus(pid, thread int) (Status, error) {
	raw, err := os.ReadFile(Path(pid, "task/"+strconv.Itoa(thread)+"/status"))
	return ParseStatus(raw), err
}
