"""Shell environment: go in front of the PATH of every shell that a login's window, terminal or command begins with.

One managed file sets PATH; each shell gets a marked block that reads it, in the files that shell really reads:

==================  ==========================================  =======================================
shell               login (VS Code's server asks ``-ilc``)      ``ssh host command``
==================  ==========================================  =======================================
bash                first of .bash_profile, .bash_login,        .bashrc, where bash is built to (Debian,
                    .profile (bash(1), INVOCATION)              Fedora): above any "interactive?" guard
zsh                 .zprofile, behind /etc's (zsh(1), FILES)    .zshenv (both where ZDOTDIR has zsh look)
fish                conf.d/*.fish (fish(1))                     the same
dash, ash, ksh, sh  .profile                                    nothing: no file is read
==================  ==========================================  =======================================

Where a line behind the block may change PATH, there is another at the end of that file: of .bashrc, .zshrc,
.zlogin, config.fish and the profile. So the same go is first for terminals too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.host.block import BLOCK, FISH_BLOCK, has_block, with_block, with_tail
from remotego.host.envtext import Named, fish_text, sh_text
from remotego.host.homeedit import HomeEdit, splice
from remotego.host.homefiles import BASHRC_D_FILE, ENV_FILE, FISH_CONFIG, FISH_FILE, ZSH_FILES, Home

COMMON = ("/bin", "/usr/bin", "/usr/local/bin")
"""Directories that every PATH has, and that hold more than go: they are not moved."""

_PLAIN = ("sh", "dash", "ash", "ksh", "mksh", "busybox")
_GUARD = re.compile(rb"^[^#\n]*(\$-|\$\{?PS1|tty\s+-s|-t\s+[01]\b)", re.MULTILINE)
_BASHRC_D = re.compile(rb"^[^#\n]*\.bashrc\.d\"?'?/\*(\.sh)?[\"'\s;)]", re.MULTILINE)

_CHECKS: Mapping[str, tuple[str, ...]] = {
    "bash": ("-O", "extglob", "-n"),
    "zsh": ("-f", "-n"),
    "fish": ("--no-execute",),
    "busybox": ("sh", "-n"),
}
"""How a shell reads a file without obeying it; the others take -n. bash's files may turn extglob on themselves."""


@dataclass(frozen=True, slots=True)
class ShellPlan:
    """Edits, and whom PATH reaches then: a ``login`` shell (windows, terminals), an ssh ``command``.

    ``limit`` says what could not be edited for it, "" if nothing.
    """

    edits: tuple[HomeEdit, ...]
    login: bool
    command: bool
    limit: str = ""


def plan_shellenv(home: Home, directories: Sequence[str]) -> ShellPlan:
    """Have directories in the PATH of the login's shell, the first of them, go's, in front. Raises UnfitHomeFileError.

    There is nothing to do for directories that every PATH has, and nothing is done for shells that are not known.
    """
    first, *others = directories
    rest = tuple(one for one in others if one not in COMMON)
    return plan_named(home, Named(None if first in COMMON else first, rest))


def plan_named(home: Home, wanted: Named) -> ShellPlan:
    """Have our file name these directories, and the login's shell read it. Raises UnfitHomeFileError."""
    front, others = wanted.first, wanted.others
    shell = home.shell.rpartition("/")[2]
    if not others and front is None and not {ENV_FILE, FISH_FILE} & home.files.keys():
        return ShellPlan((), login=True, command=True)
    if shell not in ("bash", "zsh", "fish", *_PLAIN):
        return ShellPlan((), login=False, command=False)
    limit = _limit(home) if shell == "zsh" else ""
    if limit and home.zsh_name(".zshenv") is None:
        return ShellPlan((), login=False, command=False, limit=limit)
    check = (home.shell, *_CHECKS.get(shell, ("-n",))) if home.checker else ()
    if shell == "fish":
        texts = {FISH_FILE: fish_text(front, others).encode()}
        if FISH_CONFIG in home.files:
            texts[FISH_CONFIG] = with_tail(home.files[FISH_CONFIG], FISH_BLOCK)
    else:
        texts = {ENV_FILE: sh_text(front, others).encode(), **_started(home, shell)}
    edits = tuple(
        splice(name, before, text, check)
        for name, text in texts.items()
        if (before := home.read(name)) != text and (text or before is not None)
    )
    return ShellPlan(edits, login=True, command=shell not in _PLAIN, limit=limit)


def _limit(home: Home) -> str:
    """Say where zsh reads files that we do not edit."""
    outside = [place for place, file in zip(home.zdotdirs, ZSH_FILES, strict=False) if home.zsh_name(file) is None]
    if not outside:
        return ""
    return f"zsh reads files in {outside[0]} (ZDOTDIR), which is not just below the home: nothing was written there"


def _started(home: Home, shell: str) -> dict[str, bytes]:
    """Give the start-up files of a shell like sh as they shall be."""
    match shell:
        case "bash":
            names = [_profile(home)]
            own = _reads_directory(home.files.get(".bashrc", b""))
            extra = {".bashrc": with_tail(home.files[".bashrc"]), BASHRC_D_FILE: BLOCK.encode()} if own else {}
            names += [] if own else [".bashrc"]
        case "zsh":
            names, later = ([*filter(None, map(home.zsh_name, some))] for some in (ZSH_FILES[:2], ZSH_FILES[2:]))
            extra = {name: with_tail(home.files[name]) for name in later if name in home.files}
        case _:
            names, extra = [".profile"], {}
    return {name: with_block(home.read(name) or b"") for name in names} | extra


def _profile(home: Home) -> str:
    there = (name for name in (".bash_profile", ".bash_login", ".profile") if name in home.files or name in home.odd)
    return next(there, ".profile")


def _reads_directory(bashrc: bytes) -> bool:
    """Tell whether .bashrc has no block of ours at its head, and reads a directory before it may return."""
    reads, guard = _BASHRC_D.search(bashrc), _GUARD.search(bashrc)
    if reads is None or (guard and guard.start() < reads.start()):
        return False
    return not has_block(bashrc[: reads.start()])
