"""Start-up: which files a shell reads, in which order, and which line of them gives a variable its value.

bash and zsh tell it themselves, by a trace of their start (PS4). For the others, and for root's bash (which takes no
PS4 from outside, bash(1)), the lines are put in the order in which the shell reads its files:

==========  ===================================================================================================
bash        login: /etc/profile, first of ~/.bash_profile, ~/.bash_login, ~/.profile; else /etc/bash.bashrc where
            there is one, ~/.bashrc, also for a command of sshd's where bash is built to (bash(1), INVOCATION)
zsh         zshenv; login: zprofile; interactive: zshrc; login: zlogin; each /etc's first, then those in the home or
            in ZDOTDIR (zsh(1), FILES)
fish        fish_variables, conf.d by name (the user's hides /etc's, which hides a vendor's), config.fish (fish(1))
dash, ash   login: /etc/profile, ~/.profile; interactive: the file that these name by ENV (dash(1))
==========  ===================================================================================================
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

TRACE, READING = "trace", "reading"

EXEC = "exec"
"""What rows are called that replace the shell by another program."""

BLOT = "***"
"""Stands for what is secret, in values and in lines alike."""

SYSTEM = ("/.pam_environment", "/.ssh/environment", "/etc/environment", "/etc/security/", "/etc/ssh/")
UNIT_FILES = ("environment.d/", "/etc/environment", "/etc/systemd/")

WHOLE_LINES = ("environment.d/", "/etc/environment", "/.pam_environment", "/.ssh/environment", "/etc/security/")
"""Parts of names of files where a value goes on to the end of its line, blanks and all."""

_DEPTH = 8
_VISITS = 4
"""A file may be read by several others, but files that read each other in circles have an end."""
_HEX = re.compile(r"\\x([0-9a-fA-F]{2})")
_HOME = re.compile(r"\$HOME\b|\$\{HOME\}|(?<![^:=\s])~(?=/)")
_PROFILES = (".bash_profile", ".bash_login", ".profile")


@dataclass(frozen=True, slots=True)
class Cause:
    """The ``line`` of a ``file`` that gives a variable its value.

    ``way`` says how that is known: "trace" (the shell itself told while it started) or "reading" (its files were read
    in the order in which it reads them).
    """

    file: str
    line: int
    way: str

    def __str__(self) -> str:
        """Give it as editors and compilers do."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Row:
    """A line that gives a variable a value: ``value`` as it is written there, from its equals sign on."""

    file: str
    line: int
    name: str
    value: str

    @classmethod
    def of(cls, cells: Sequence[str]) -> Row | None:
        """Read a row's cells; None where there is no file or number, as for what is given on a command line."""
        if len(cells) < 4 or not cells[0].startswith("/") or not cells[1].isdecimal():
            return None
        return cls(cells[0], int(cells[1]), cells[2], "\t".join(cells[3:]))

    def plain(self, home: str) -> str:
        """Give the value without its quotes; the directories of a list, in the way of PATH."""
        text = self.value.removeprefix("+").removeprefix("=")
        if self.value[:1] in ("'", '"'):
            return self.value[1:].removeprefix("+").removeprefix("=").rstrip(self.value[0])
        if any(part in self.file for part in WHOLE_LINES):
            return text.strip().strip("\"'")
        if self.file.endswith("/fish_variables"):
            text = _HEX.sub(lambda found: chr(int(found[1], 16)), text).replace("\x1e", ":")
        else:
            text = ":".join(_words(text, many=self.name == "PATH"))
        return _HOME.sub(lambda _: home, text)

    def may_give(self, value: str, home: str) -> bool:
        """Tell whether a variable may have a value from here: one that is written out must be it."""
        plain = self.plain(home)
        if BLOT in self.value and BLOT in value:
            return True
        return plain == value or bool(re.search(r"[$`]|^\(", plain)) or self.value.startswith("+")


def _words(text: str, *, many: bool) -> list[str]:
    """Give the first word of shell text, or all up to the end of the command; quotes are taken off."""
    try:
        words = list(_lexer(text))
    except ValueError:
        words = re.split(r"[\s\"']", text)
    found: list[str] = []
    for word in words:
        if re.fullmatch(r"[;&|()]+", word):
            if word == "(":
                continue
            break
        found.append(word)
    return found if many else found[:1]


def _lexer(text: str) -> shlex.shlex:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|()")
    lexer.whitespace_split = True
    return lexer


@dataclass(frozen=True, slots=True)
class Files:
    """The start-up files that are there, each with its rows and what it reads itself, by the line."""

    there: tuple[str, ...]
    rows: Mapping[str, Sequence[Row]]
    reads: Mapping[str, Sequence[tuple[int, str]]]
    stands_for: Mapping[str, Sequence[str]] = field(default_factory=dict)
    zdotdirs: tuple[str, str] | None = None
    """Where zsh looks for .zshenv, and then for its other files; None: in the home."""

    def order(self, shell: str, context: str, home: str) -> tuple[Row, ...]:
        """Give all rows in the order in which a shell comes to them."""
        visits: Counter[str] = Counter()
        found = (row for file in self._entries(shell, context, home) for row in self._walk(file, _DEPTH, visits))
        return tuple(found)

    def system(self, context: str) -> tuple[Row, ...]:
        """Give the rows of files that are no shell's: those of PAM and sshd, or of systemd."""
        parts = UNIT_FILES if context == "systemd user" else SYSTEM
        return tuple(
            row for file in self.there if any(part in file for part in parts) for row in self.rows.get(file, ())
        )

    def _walk(self, file: str, depth: int, visits: Counter[str]) -> Iterator[Row]:
        """Go through a file line by line and into the files that it reads, at most ``depth`` deep."""
        visits[file] += 1
        if visits[file] > _VISITS:
            return
        steps: list[tuple[int, int, Row | str]] = [(row.line, 1, row) for row in self.rows.get(file, ())]
        steps += [(line, 0, target) for line, target in self.reads.get(file, ())]
        for _, _, step in sorted(steps, key=lambda one: one[:2]):
            if isinstance(step, Row):
                yield step
            elif depth:
                for each in self.stands_for.get(step, ()):
                    yield from self._walk(each, depth - 1, visits)

    def _entries(self, shell: str, context: str, home: str) -> list[str]:
        login, interactive = "login" in context, "interactive" in context
        match shell:
            case "bash" | "rbash":
                profile = next((f"{home}/{name}" for name in _PROFILES if f"{home}/{name}" in self.there), "")
                return ["/etc/profile", profile] if login else ["/etc/bash.bashrc", f"{home}/.bashrc"]
            case "zsh":
                names = ["zshenv", *["zprofile"] * login, *["zshrc"] * interactive, *["zlogin"] * login]
                early, late = self.zdotdirs or (home, home)
                own = {"zshenv": late if login and interactive else early}
                return [
                    f"{place}{name}" for name in names for place in ("/etc/zsh/", "/etc/", f"{own.get(name, late)}/.")
                ]
            case "fish":
                return [f"{home}/.config/fish/fish_variables", *self._fish(home)]
            case _:
                return ["/etc/profile", f"{home}/.profile"] if login else []

    def _fish(self, home: str) -> list[str]:
        parts: dict[str, str] = {}
        places = (
            f"{home}/.config/fish/conf.d/",
            "/etc/fish/conf.d/",
            "/usr/local/share/fish/",
            "/usr/share/fish/vendor",
        )
        for place in places:
            for file in self.there:
                if file.startswith(place) and "conf.d/" in file:
                    parts.setdefault(file.rpartition("/")[2], file)
        config = ["/usr/share/fish/config.fish", "/etc/fish/config.fish", f"{home}/.config/fish/config.fish"]
        return [*(parts[name] for name in sorted(parts)), *config]


def read_files(rows: Mapping[str, Sequence[Sequence[str]]]) -> Files:
    """Make Files of the rows that a target has told, by their letters (see contexts.sh)."""
    own: dict[str, list[Row]] = {}
    reads: dict[str, list[tuple[int, str]]] = {}
    stands_for: dict[str, list[str]] = {}
    for row in filter(None, map(Row.of, rows.get("s", ()))):
        own.setdefault(row.file, []).append(row)
    for cells in rows.get("i", ()):
        if len(cells) == 3 and cells[1].isdecimal():
            reads.setdefault(cells[0], []).append((int(cells[1]), cells[2]))
    for cells in rows.get("g", ()):
        if len(cells) == 2 and cells[1] not in stands_for.setdefault(cells[0], []):
            stands_for[cells[0]].append(cells[1])
    return Files(tuple(cells[1] for cells in rows.get("k", ()) if len(cells) == 2), own, reads, stands_for)


@dataclass(frozen=True, slots=True)
class Told:
    """All that is known of a context's start: the ``trace``, the lines in reading ``order``, those of the ``system``.

    ``traced`` says that the trace has seen all: what it does not show, the shell has not set.
    """

    trace: Sequence[Row]
    order: Sequence[Row]
    system: Sequence[Row]
    traced: bool
    home: str

    def cause(self, name: str, value: str) -> Cause | None:
        """Find the line that gave a variable its value: the last that may have."""
        for rows, way in self._ways():
            mine = [row for row in rows if row.name == name]
            exact = [row for row in mine if row.plain(self.home) == value]
            if fit := exact or [row for row in mine if row.may_give(value, self.home)]:
                return Cause(fit[-1].file, fit[-1].line, way)
        return None

    def entry(self, directory: str) -> Cause | None:
        """Find the line that brought a directory into PATH: the first."""
        for rows, way in self._ways():
            for row in rows:
                if row.name == "PATH" and directory in re.split(r"[:\s]", row.plain(self.home)):
                    return Cause(row.file, row.line, way)
        return None

    def unset(self, name: str) -> Cause | None:
        """Find the line that took a variable away."""
        mine = [row for row in self.trace if row.name == name]
        return Cause(mine[-1].file, mine[-1].line, TRACE) if mine and mine[-1].value == "unset" else None

    def left(self) -> Cause | None:
        """Find the line by which the shell may have become another program: the last."""
        rows = [row for row in self.order if row.name == EXEC]
        return Cause(rows[-1].file, rows[-1].line, READING) if rows else None

    def _ways(self) -> Iterator[tuple[Sequence[Row], str]]:
        yield self.trace, TRACE
        if not self.traced:
            yield self.order, READING
        yield self.system, READING
