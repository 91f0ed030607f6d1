package keeper

import (
	"bufio"
	"io"
	"os"
	"strings"

	"remotego/goproxyd/config"
)

// logSize is how long a log gets before it gives way to a new one; the one before is kept.
const logSize = 1 << 20

// openLog gives a file to write to: systemd's where it looks after us, else a pipe to the log of the place.
func openLog() (*os.File, error) {
	if os.Getenv(config.SystemdVariable) != "" {
		return os.Stderr, nil
	}
	reading, writing, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(config.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	go write(reading, file)
	return writing, nil
}

// write copies line by line. What a full disk does not take is lost: a server does not wait for its log.
func write(reading io.Reader, file *os.File) {
	lines := bufio.NewReaderSize(reading, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			_, _ = file.Write(line)
			file = turn(file)
		}
		if err != nil && err != bufio.ErrBufferFull {
			return
		}
	}
}

func turn(file *os.File) *os.File {
	info, err := file.Stat()
	if err != nil || info.Size() < logSize {
		return file
	}
	if os.Rename(config.Log, config.Log+".1") != nil {
		return file
	}
	next, err := os.OpenFile(config.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return file
	}
	file.Close()
	return next
}

// LastWords are the end of the log in brackets: why a server or a keeper has ended.
func LastWords() string {
	text, err := os.ReadFile(config.Log)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if last := lines[len(lines)-1]; err == nil && last != "" {
		return " (" + last + ")"
	}
	return ""
}
