"""Conflicts: where a user's own ssh_config and a block of ours say different things of a host. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remotego.adapters.sshconfig.blocks import Block
from remotego.adapters.sshconfig.lines import Line, Reach, legible

STRICT = ("StrictHostKeyChecking", "UserKnownHostsFile")
"""What ours is always kept of: a host key is never believed on less than remotego.toml asks for."""

_TASTE = ("ServerAliveInterval", "ServerAliveCountMax")
"""What a user may well have one opinion on for all hosts."""

_LISTS = ("IdentityFile",)
"""What ssh collects instead of taking the first."""

_RIVALS = {"ProxyJump": ("proxyjump", "proxycommand")}
"""Keywords of which the first counts, whichever it is (ssh_config(5), ProxyJump)."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """``ours`` of a host's keyword, and ``theirs`` with its place; ``kept`` says which of the two counts now."""

    host: str
    keyword: str
    ours: str
    theirs: str
    file: str
    line: int
    kept: str

    @property
    def described(self) -> str:
        """The conflict in a sentence."""
        outcome = "which is kept" if self.kept == "theirs" else f"but {self.ours} from remotego.toml counts"
        if self.keyword in STRICT:
            outcome = f"but host keys stay strict: {self.ours} counts"
        return f"{self.file}:{self.line} has {self.keyword} {self.theirs} for {self.host}, {outcome}"


def conflicts_of(block: Block, lines: Sequence[Line]) -> Iterator[Conflict]:
    """Find, keyword by keyword, the user's first line about the host that says something else.

    The user's counts where it names the host, or is a matter of taste; ours does against a line for all hosts,
    and always where host keys are checked.
    """
    for keyword, ours in block.rows:
        wanted = _RIVALS.get(keyword, (keyword.lower(),))
        about = [line for line in lines if line.keyword in wanted and line.reach(block.name) is not Reach.NONE]
        if not about or keyword in _LISTS or keyword == "UpdateHostKeys":
            continue
        line = about[0]
        if line.keyword != keyword.lower() or line.value != ours:
            kept = "theirs" if _is_theirs(keyword, line.reach(block.name)) else "ours"
            yield Conflict(block.name, keyword, ours, _said(line, keyword), line.file, line.number, kept)


def _is_theirs(keyword: str, reach: Reach) -> bool:
    return keyword not in STRICT and (reach is Reach.NAMED or keyword in _TASTE)


def _said(line: Line, keyword: str) -> str:
    value = legible(line.value)
    return value if line.keyword == keyword.lower() else f"(ProxyCommand) {value}"
