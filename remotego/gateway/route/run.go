package route

import (
	"bufio"
	"errors"
	"io"
)

func Run(line []byte, rest *bufio.Reader, out io.Writer) error { return errors.New("not yet") }
