"""The files of a login's home that decide what its shells and editors find, read whole in one question."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from remotego.core.errors import UsageError
from remotego.core.fact import Fact
from remotego.core.terminal import inert
from remotego.host.root import root_word
from remotego.host.scripts import assign, read

CAP_BYTES = 256 << 10
"""A start-up file or a settings file that is longer is not what we think it is."""

LOGIN_SHELL_S = 15
"""A login shell that has not said where go is by then is not waited for; VS Code waits 10 s."""

ENV_FILE = ".config/remotego/env.sh"
FISH_FILE = ".config/fish/conf.d/remotego.fish"
BASHRC_D_FILE = ".bashrc.d/remotego.sh"
FISH_CONFIG = ".config/fish/config.fish"
GIT_CONFIG, GIT_CONFIG_XDG = ".gitconfig", ".config/git/config"
"""git's settings for a login; it reads both, and `git config --global` writes the first that is there."""

RC_FILES = (
    *(".bash_profile", ".bash_login", ".profile", ".bashrc"),
    *(".zshenv", ".zprofile", ".zshrc", ".zlogin", FISH_CONFIG),
)

SERVERS = (".vscode-server", ".vscode-server-insiders", ".vscodium-server", ".cursor-server", ".windsurf-server")
"""Where editors that are forks of VS Code keep their remote side."""

MACHINE = "data/Machine/settings.json"
"""Settings for all windows on this machine (VS Code: "Remote" settings)."""

FILES = (
    ENV_FILE,
    FISH_FILE,
    BASHRC_D_FILE,
    GIT_CONFIG,
    GIT_CONFIG_XDG,
    *RC_FILES,
    *(f"{server}/{MACHINE}" for server in SERVERS),
)

TOOLS = ("gopls", "dlv")

ZSH_FILES = (".zshenv", ".zprofile", ".zshrc", ".zlogin")

_ONCE = ("home", "shell", "checker", "goenv", "goenv_link")

DEEPEST = 4
"""How many directories of ours there may be between the home and a file."""


@dataclass(eq=False)
class UnfitHomeFileError(UsageError):
    """A file of the login's home that we would have to edit and cannot."""

    path: str
    reason: str
    what = "{path} was left alone: {reason}"
    remedy = "make it a plain file that you may read, or move it away; nothing was written"


@dataclass(eq=False)
class LockedPlaceError(UsageError):
    """A file of the login's home that we would have to make or replace, in a directory where the login may not."""

    path: str
    folder: str
    what = "{path} cannot be written: the login may not write to {folder}"
    remedy = "make {folder} writable for it (`chmod u+w`) and run the same again; nothing was written"


@dataclass(frozen=True, slots=True)
class Go:
    """A go command on a target: where, how it was ``found``, and what its tree says its version is ("" if nothing).

    One that is found as "ours" is what our file in the home leads to.
    """

    path: str
    found: str
    version: str


@dataclass(frozen=True, slots=True)
class Home:
    """A login's home: ``files`` by their names below it, ``odd`` ones with the reason, which of ``dirs`` are there.

    ``gos`` are all go commands seen, ``tools`` the paths of others by name. ``checker``: the shell is there to read a
    file. ``goenv`` is the file that ``go env -w`` writes, by go's own rule (cmd/go/internal/cfg, EnvFile) and not by
    asking it, since a go that runs counts its runs in the home; it is among ``files`` or ``odd`` by its path, and what
    is not there of the directories above is in ``gone``; where go reads it through ``goenv_link``, it is the file that
    this leads to. "off": go reads none. ``locked`` are the files that cannot be
    made or replaced, by name, each with the directory that forbids it. ``zdotdirs`` are where zsh reads .zshenv, and
    where it reads the others, as it says itself ("": the home; zsh(1), FILES).
    """

    path: str
    shell: str
    files: Mapping[str, bytes]
    odd: Mapping[str, str]
    dirs: frozenset[str]
    gos: tuple[Go, ...]
    tools: Mapping[str, str]
    checker: bool = True
    goenv: str = ""
    gone: frozenset[str] = frozenset()
    locked: Mapping[str, str] = field(default_factory=dict)
    zdotdirs: tuple[str, str] = ("", "")
    goenv_link: str = ""

    @property
    def named_goenv(self) -> str:
        """Give the path at which go reads its own file, as GOENV would name it."""
        return self.goenv_link or self.goenv

    def path_of(self, name: str) -> str:
        """Give the path of a file by its name below the home; go's own file goes by its path."""
        return name if name.startswith("/") else f"{self.path}/{name}"

    def read(self, name: str) -> bytes | None:
        """Give a file's content, None if it is not there. Raises UnfitHomeFileError."""
        if name in self.odd:
            raise UnfitHomeFileError(self.path_of(name), self.odd[name])
        return self.files.get(name)

    def zsh_name(self, file: str) -> str | None:
        """Give the name below the home of a start-up file of zsh's; None where zsh reads it outside of the home."""
        folder = _below(self.path, self.zdotdirs[0 if file == ".zshenv" else 1])
        return None if folder is None else f"{folder}{file}"

    def check_place(self, name: str) -> None:
        """Raise LockedPlaceError where a file cannot be made or replaced."""
        if name in self.locked:
            raise LockedPlaceError(self.path_of(name), self.locked[name])

    def missing(self, name: str) -> tuple[str, ...]:
        """Name the directories that a file needs and that are not there, the outermost first."""
        if name.startswith("/"):
            return tuple(sorted((folder for folder in self.gone if name.startswith(f"{folder}/")), key=len))
        return tuple(folder for folder in _above(name) if folder not in self.dirs)


def home_files(remote_go: str | None = None, store: str | None = None) -> Fact[Home]:
    """Ask for a Home. ``remote_go`` is a go command that the user says is there; ``~/`` is the login's home.

    ``store`` overrides where our directory is, that may have SDKs.
    """
    given = remote_go or ""
    word = '"$HOME"' + shlex.quote(given[1:]) if given.startswith("~/") else shlex.quote(given)
    dirs = dict.fromkeys(folder for name in (*FILES, *(f"{server}/x" for server in SERVERS)) for folder in _above(name))
    words = {
        "DIRS": " ".join(dirs),
        "FILES": " ".join(FILES),
        "TOOLS": " ".join(TOOLS),
        "CAP_BYTES": str(CAP_BYTES + 1),
        "LIMIT_S": str(LOGIN_SHELL_S),
        "ENV_FILE": ENV_FILE,
        "FISH_FILE": FISH_FILE,
    }
    script = "\n".join([assign(words), f"GIVEN={word}", f"ROOT={root_word(store)}", read("homefiles")])
    return Fact("home files", script, _parse)


def contents(paths: Sequence[str]) -> Fact[Mapping[str, bytes]]:
    """Ask for the content of files; those that are not there, or may not be read, are left out."""
    lines = [
        f"if [ -f {shlex.quote(path)} ] && [ -r {shlex.quote(path)} ]; then printf 'file={number}\\t'; "
        f"head -c {CAP_BYTES} < {shlex.quote(path)} | od -An -v -tx1 | tr -d ' \\n'; echo; fi"
        for number, path in enumerate(paths)
    ]

    def parse(text: str) -> Mapping[str, bytes]:
        rows = [line.removeprefix("file=").partition("\t") for line in text.split("\n") if line.startswith("file=")]
        return {paths[int(number)]: bytes.fromhex(data) for number, _, data in rows}

    return Fact("contents", "\n".join([*lines, "true"]), parse)


def is_home_file(path: str) -> bool:
    """Tell whether a path on a target may be one of those that we edit in a home."""
    root, *parts = path.split("/")
    return root == "" and not {"", ".", ".."} & set(parts) and any(path.endswith(f"/{name}") for name in FILES)


def is_plain_file(path: str) -> bool:
    """Tell whether a path on a target leads straight to a file."""
    root, *parts = path.split("/")
    return root == "" and bool(parts) and not {"", ".", ".."} & set(parts) and path.isprintable()


def _below(home: str, folder: str) -> str | None:
    """Give what names in a directory begin with below the home; None for one that is not below, or too deep."""
    path = folder.rstrip("/")
    if path in ("", home):
        return ""
    parts = path.removeprefix(f"{home}/").split("/")
    fit = path.startswith(f"{home}/") and not {"", ".", ".."} & set(parts) and len(parts) <= DEEPEST
    return f"{'/'.join(parts)}/" if fit and path.isprintable() else None


def _above(name: str) -> list[str]:
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]


def _parse(text: str) -> Home:
    rows = [(key, *rest.partition("\t")[::2]) for key, _, rest in (line.partition("=") for line in text.split("\n"))]
    one = {key: first for key, first, _ in rows if key in _ONCE}
    if not one.get("home", "").startswith("/"):
        raise ValueError("it does not tell the home directory")
    zdotdirs = next(((early, late) for key, early, late in rows if key == "zdotdir"), ("", ""))
    theirs = [f"{_below(one['home'], folder)}{name}" for folder in zdotdirs for name in ZSH_FILES]
    files, odd = (
        _files(rows, (*FILES, *theirs, one.get("goenv", ""))),
        {name: reason for key, name, reason in rows if key == "odd"},
    )
    odd |= {name: f"it is larger than {CAP_BYTES >> 10} KiB" for name, data in files.items() if len(data) > CAP_BYTES}
    return Home(
        one["home"],
        one.get("shell", ""),
        files,
        odd,
        frozenset(name for key, name, _ in rows if key == "dir"),
        tuple(_gos(rows)),
        {name: path for key, name, path in rows if key == "tool" and _is_plain(path)},
        "checker" in one,
        one.get("goenv", ""),
        frozenset(path for key, path, _ in rows if key == "gone"),
        {name: folder for key, name, folder in rows if key == "locked"},
        zdotdirs,
        one.get("goenv_link", ""),
    )


def _files(rows: Iterable[tuple[str, str, str]], names: Collection[str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(data) for key, name, data in rows if key == "file" and name in names}


def _gos(rows: Iterable[tuple[str, str, str]]) -> Iterable[Go]:
    found = {"given": "given", "ours": "ours", "sdk": "sdk", "login": "login shell", "place": "usual place"}
    for key, path, version in rows:
        if key in found and _is_plain(path):
            yield Go(path, found[key], inert(version)[:40])


def _is_plain(path: str) -> bool:
    """Tell whether a path can stand in PATH and in start-up files of any shell."""
    return path.startswith("/") and path.isprintable() and re.search(r"""['"$`\\:\ufffd]""", path) is None
