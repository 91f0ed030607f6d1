"""The sources of the flavours. A line that ends with MARK is good for a breakpoint."""

MARK = "// here"
MODULE = "example.com/Team/Svc"
DEPENDENCY, VERSION = "example.com/!burnt/!dep@v1.2.0-!r!c1", "v1.2.0-RC1"

MAIN = f"""\
package main

import (
	"fmt"
	"os"
	"time"

	"example.com/Burnt/Dep"
	"example.com/lib"
	"{MODULE}/Inner"
)

func main() {{
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {{
		n := dep.Up(1) {MARK}
		n = lib.Do(n)
		n = inner.Go(n)
		fmt.Fprintln(os.Stderr, n)
	}}
}}
"""

INNER = f"""\
package inner

//go:noinline
func Go(n int) int {{
	n = Handle(n) {MARK}
	return n
}}
"""

HANDLER = f"""\
package inner

//go:noinline
func Handle(n int) int {{
	n++ {MARK}
	return n
}}
"""

NATIVE = f"""\
package inner

/*
int twice(int n);
static int thrice(int n) {{ return 3 * n; }}
*/
import "C"

//go:noinline
func Go(n int) int {{
	n = Handle(int(C.thrice(C.int(n)))) {MARK}
	return int(C.twice(C.int(n)))
}}
"""

TWICE = f"""\
int twice(int n) {{
	n = 2 * n; {MARK}
	return n;
}}
"""

DEP = f"""\
package dep

//go:noinline
func Up(n int) int {{
	n++ {MARK}
	return n
}}
"""

LIB = f"""\
package lib

//go:noinline
func Do(n int) int {{
	n++ {MARK}
	return n
}}
"""

MOD = f"""\
module {MODULE}

go 1.21

require (
	example.com/Burnt/Dep {VERSION}
	example.com/lib v1.4.0
)
"""

WORK = """\
go 1.21

use (
	./Svc
	./lib
)
"""

PUBLISHED = {
    ("example.com/Burnt/Dep", VERSION): {"dep.go": DEP},
    ("example.com/lib", "v1.4.0"): {"lib.go": LIB},
    ("example.com/fork", "v1.4.1"): {"lib.go": LIB},
}
"""The files of each module and version, beside go.mod."""


def go_mod(module: str) -> str:
    """A go.mod without requirements."""
    return f"module {module}\n\ngo 1.21\n"


def service(*, more: str = "", folder: str = "", native: bool = False) -> dict[str, str]:
    """The files of the service; ``more`` is added to its go.mod, ``folder`` put before all names."""
    inner = {"Inner/inner.go": NATIVE, "Inner/twice.c": TWICE} if native else {"Inner/inner.go": INNER}
    return {
        folder + name: text
        for name, text in {"go.mod": MOD + more, "main.go": MAIN, **inner, "Inner/Handler.go": HANDLER}.items()
    }


LIBRARY = {"lib/go.mod": go_mod("example.com/lib"), "lib/lib.go": LIB}
TREES = {
    "plain": service(folder="Svc/"),
    "work": {"go.work": WORK, **service(folder="Svc/"), **LIBRARY},
    "fork": service(folder="Svc/", more="\nreplace example.com/lib => example.com/fork v1.4.1\n"),
    "beside": {**service(folder="Svc/", more="\nreplace example.com/lib => ../lib\n"), **LIBRARY},
    "vendor": service(folder="Svc/"),
    "work-vendor": {"go.work": WORK.replace("1.21", "1.22"), **service(folder="Svc/"), **LIBRARY},
    "cgo": service(folder="Svc/", native=True),
}
"""Trees of files by their names."""
