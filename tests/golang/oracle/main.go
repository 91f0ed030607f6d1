// Oracle prints the source files of a Go program as Go's own reader finds them, one per line.
package main

import (
	"debug/elf"
	"debug/gosym"
	"fmt"
	"os"
	"strings"
)

func main() {
	file, err := elf.Open(os.Args[1])
	check(err)
	for _, section := range file.Sections {
		if strings.HasSuffix(section.Name, ".gopclntab") {
			data, err := section.Data()
			check(err)
			table, err := gosym.NewTable(nil, gosym.NewLineTable(data, file.Section(".text").Addr))
			check(err)
			for name := range table.Files {
				fmt.Println(name)
			}
		}
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
