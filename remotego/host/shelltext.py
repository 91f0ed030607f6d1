"""Text of shells like sh, read far enough to know where a line can be put in: between whole commands, in no branch.

Quotes, here-documents, ``$( )``, ``${ }``, compound commands and lines that go on are followed (POSIX 2.2 to 2.10, and
what bash and zsh add that start-up files use). Where the nesting cannot be told, the reading ends, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_CODE = re.compile(
    r"""
    (?P<line>\n)
    |(?P<skip>[ \t\r]+ | \\\n | (?<![^\s;&|()])\#[^\n]* | <<<)
    |(?P<document><<(?P<tabs>-?)[ \t]*(?P<mark>\\?[^\s;&|()<>'"]+|'[^'\n]*'|"[^"\n]*"))
    |(?P<text>\\. | \$'(?:[^'\\]|\\.)*' | '[^']*' | \$[\#$!?@*-])
    |(?P<enter>\$\(\( | \$\( | \$\{ | [<>]\( | \(\( | ["`])
    |(?P<head>(?<!=)\([ \t]*\))
    |(?P<open>\()
    |(?P<close>\))
    |(?P<join>&& | \|\|?&?)
    |(?P<file>&>>? | [<>]& | >[>|] | [<>])
    |(?P<end>;;&? | ;&? | &)
    |(?P<dollar>\$)
    |(?P<word>[^\s;&|()<>"'`$\\]+)
    """,
    re.VERBOSE | re.DOTALL,
)
_INSIDE: Mapping[str, re.Pattern[str]] = {
    '"': re.compile(r'(?P<skip>\\.|[^"\\$`]+)|(?P<leave>")|(?P<enter>\$\(\(|\$\(|\$\{|`)|(?P<dollar>\$)', re.DOTALL),
    "`": re.compile(r"(?P<skip>\\.|[^`\\]+)|(?P<leave>`)", re.DOTALL),
    "${": re.compile(
        r"(?P<skip>\\.|\$?'[^']*'|[^}\\$`\"']+)|(?P<leave>\})|(?P<enter>\$\(\(|\$\(|\$\{|[\"`])|(?P<dollar>\$)",
        re.DOTALL,
    ),
    "((": re.compile(r"(?P<leave>\)\))|(?P<enter>\$\(\(|\$\(|\$\{|\(|[\"`])|(?P<skip>\\.|[^()$\"`\\]+)|(?P<dollar>\$)"),
    "((+": re.compile(r"(?P<leave>\))|(?P<enter>\$\(\(|\$\(|\$\{|\(|[\"`])|(?P<skip>\\.|[^()$\"`\\]+)|(?P<dollar>\$)"),
}
"""What stands in quotes, in the braces of a parameter, in arithmetic, by what it is entered by."""

_COMPOUNDS = {"if": "fi", "case": "esac", "for": "done", "while": "done", "until": "done", "select": "done"}
_COMPOUNDS |= {"{": "}", "[[": "]]"}
_ENDS = frozenset(_COMPOUNDS.values())
_GO_ON = frozenset(("if", "then", "else", "elif", "do", "while", "until", "!", "time", "{"))
_LEAVES = frozenset(("exec", "exit", "return", "logout"))
_NAME = re.compile(r"[ \t]+[^\s(){};]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """``gaps``: offsets of lines that begin between whole commands. ``leaves``: where something may leave the file
    (exec, exit, return), None if nothing does. ``whole``: it could be read to its end.
    """

    gaps: tuple[int, ...]
    leaves: int | None
    whole: bool


class _LostError(Exception):
    """The nesting is not understood."""


@dataclass(slots=True)
class _Reader:
    """``opened``: what is open, the innermost last. ``begins``: a command may begin here. ``more``: the line cannot
    end here, as an operator or the head of a function wants something behind it.
    """

    text: str
    at: int = 0
    opened: list[str] = field(default_factory=list)
    documents: list[tuple[str, bool]] = field(default_factory=list)
    begins: bool = True
    more: bool = False
    gaps: list[int] = field(default_factory=lambda: [0])
    leaves: int | None = None

    def read(self) -> bool:
        """Read on to the end; tell whether that is the end of a command."""
        while self.at < len(self.text):
            pattern = _INSIDE.get(self.opened[-1] if self.opened else "", _CODE)
            found = pattern.match(self.text, self.at)
            if found is None or found.lastgroup is None:
                return False
            self.at = found.end()
            _STEPS[found.lastgroup](self, found)
        return not (self.opened or self.documents or self.more)

    def line(self, _: re.Match[str]) -> None:
        """Pass by the here-documents of a line that ends."""
        self.begins = True
        for mark, tabs in self.documents:
            lead = r"\t*" if tabs else ""
            found = re.compile(rf"^{lead}{re.escape(mark)}(?:\n|\Z)", re.MULTILINE).search(self.text, self.at)
            if found is None:
                raise _LostError
            self.at = found.end()
        self.documents.clear()
        if not (self.opened or self.more):
            self.gaps.append(self.at)

    def document(self, found: re.Match[str]) -> None:
        """Note a here-document."""
        self.documents.append((found["mark"].strip("\\'\""), bool(found["tabs"])))

    def skip(self, _: re.Match[str]) -> None:
        """Pass by what means nothing here."""

    def some(self, _: re.Match[str]) -> None:
        """Pass by a part of a word."""
        self.begins = self.more = False

    def enter(self, found: re.Match[str]) -> None:
        """Go into quotes, a substitution, arithmetic."""
        self.more, sign = False, found[0]
        inside = self.opened[-1] if self.opened else ""
        self.begins = sign[1:] == "("
        if sign == "(":
            self.opened.append("((+" if inside in ("((", "((+") else "(")
        else:
            self.opened.append({"$((": "((", "$(": "(", "<(": "(", ">(": "("}.get(sign, sign))

    def leave(self, _: re.Match[str]) -> None:
        """Come out of quotes or a substitution."""
        self.opened.pop()
        self.begins = False

    def head(self, _: re.Match[str]) -> None:
        """Wait for the body of a function."""
        self.begins = self.more = True

    def open(self, _: re.Match[str]) -> None:
        """Go into a subshell, a list, or a pattern of case."""
        self.opened.append("(")
        self.begins, self.more = True, False

    def close(self, _: re.Match[str]) -> None:
        """Come out of it; behind a pattern of case there is nothing to come out of."""
        self.begins, self.more = True, False
        if self.opened[-1:] == ["("]:
            self.opened.pop()
        elif self.opened[-1:] != ["esac"]:
            raise _LostError

    def join(self, _: re.Match[str]) -> None:
        """Wait for the other side of an operator."""
        self.begins = self.more = True

    def end(self, _: re.Match[str]) -> None:
        """End a command."""
        self.begins, self.more = True, False

    def word(self, found: re.Match[str]) -> None:
        """Read a word; where a command may begin it may be one that opens, ends or leaves."""
        word, begins, self.more = found[0], self.begins, False
        self.begins = begins and (word in _GO_ON or "=" in word)
        if word in _ENDS and (begins or word == "]]"):
            if self.opened[-1:] != [word]:
                raise _LostError
            self.opened.pop()
        elif begins and word in _COMPOUNDS:
            self.opened.append(_COMPOUNDS[word])
        elif begins and word == "function":
            name = _NAME.match(self.text, self.at)
            self.at = name.end() if name else self.at
            self.begins = self.more = True
        elif begins and word in _LEAVES and self.leaves is None:
            self.leaves = found.start()


_STEPS: Mapping[str, Callable[[_Reader, re.Match[str]], None]] = {
    **{
        name: getattr(_Reader, name) for name in ("line", "skip", "document", "enter", "leave", "head", "open", "close")
    },
    **{name: getattr(_Reader, name) for name in ("join", "end", "word")},
    **dict.fromkeys(("text", "file", "dollar"), _Reader.some),
}


def read(data: bytes) -> Reading:
    """Read a file of a shell like sh. Bytes count one by one, whatever their encoding."""
    reader = _Reader(data.decode("latin-1"))
    try:
        whole = reader.read()
    except _LostError:
        whole = False
    if whole and reader.gaps[-1] != len(data):
        reader.gaps.append(len(data))
    return Reading(tuple(reader.gaps), reader.leaves, whole)
