"""The place of ssh_config files: the user's own, ours beside it, and a copy of both for ssh to try."""

from __future__ import annotations

import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import UnfitFileError, read_file
from remotego.adapters.sshconfig.blocks import quoted, spelt
from remotego.adapters.sshconfig.include import with_include

OURS = "remotego"
SUFFIX = ".conf"


@dataclass(frozen=True, slots=True)
class Place:
    """``main`` is the ssh_config that people edit, ``home`` what ssh takes for ``~``; ours is ``name`` beside main."""

    main: Path
    home: Path
    name: str

    @property
    def folder(self) -> Path:
        """The directory of our files, of all projects."""
        return self.main.parent / OURS

    @property
    def config(self) -> Path:
        """The included file of this project."""
        return self.folder / f"{self.name}{SUFFIX}"

    @property
    def known_hosts(self) -> Path:
        """The host keys of this project's machines."""
        return self.folder / f"{self.name}.known_hosts"

    @property
    def argument(self) -> str:
        """What Include says: all of our files, from ~/.ssh where they are there. Raises UnfitPathError."""
        usual = self.main.parent == self.home / ".ssh"
        return f"{OURS}/*{SUFFIX}" if usual else quoted(f"{spelt(self.folder, self.home)}/*{SUFFIX}")

    @property
    def others(self) -> tuple[Path, ...]:
        """The files of other projects that are included too."""
        return tuple(path for path in sorted(self.folder.glob(f"*{SUFFIX}")) if path != self.config)


def place_for(config: str | None, project: Path | None) -> Place:
    """Find where the files go; ``config`` takes the place of ~/.ssh/config, ``project`` is a remotego.toml."""
    home = ssh_home()
    main = Path(config).absolute() if config else home / ".ssh" / "config"
    if project is None:
        return Place(main, home, "user")
    digest = hashlib.sha256(str(project).encode()).hexdigest()[:8]
    word = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in project.parent.name)
    return Place(main, home, f"{word or 'root'}-{digest}")


def ssh_home() -> Path:
    """What ssh takes for ``~``: the account's directory, whatever HOME says (ssh.c)."""
    if os.name == "nt":
        return Path.home()
    import pwd

    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def included(argument: str, home: Path, without: Path) -> Iterator[tuple[str, str]]:
    """Open what an Include names; what cannot be read is for ssh to complain about."""
    for name in sorted(glob.glob(str(home / ".ssh" / Path(argument).expanduser()))):  # noqa: PTH207 - absolute ones too
        with suppress(UnfitFileError):
            text = read_file(Path(name), within=Path(Path(name).anchor), any_encoding=True).text
            if text is not None and Path(name) != without:
                yield name, text


@contextmanager
def rehearsal(place: Place, main: str | None, config: str) -> Iterator[Path]:
    """Give an ssh_config to try that says what ``main`` will say once ``config`` is in its place."""
    with tempfile.TemporaryDirectory(prefix="remotego-") as room:
        folder = Path(room)
        (folder / place.config.name).write_text(config, encoding="utf-8")
        for other in place.others:
            shutil.copyfile(other, folder / other.name)
        trial = folder / "config"
        text = with_include(main, f'"{folder.as_posix()}/*{SUFFIX}"')
        trial.write_text(text, encoding="utf-8", errors="surrogateescape")
        yield trial
