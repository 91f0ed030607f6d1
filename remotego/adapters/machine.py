"""This machine as it is: ssh, Python and its packages, ~/.ssh, the cache, processes, ports; nothing is changed."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from remotego.core.health import Package, Place, Sums

CAP_SUMS_BYTES = 4 << 20
ANSWER_S = 10.0


def ssh_version() -> str:
    """What ``ssh -V`` says; "" where there is none."""
    program = shutil.which("ssh")
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, "-V"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWER_S
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""
    return (done.stderr or done.stdout).strip()


def python_version() -> tuple[int, ...]:
    """The version of the Python that runs this."""
    return sys.version_info[:3]


def packages() -> tuple[Package, ...]:
    """What remotego's own metadata says it needs, and what is installed; () where it is not installed itself."""
    try:
        needed = metadata.requires("remotego") or []
    except metadata.PackageNotFoundError:
        return ()
    return tuple(_packages(needed))


def _packages(needed: Iterable[str]) -> Iterator[Package]:
    from packaging.requirements import Requirement  # only ever needed here

    for requirement in map(Requirement, needed):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            have = _installed(requirement.name)
            fits = bool(have) and requirement.specifier.contains(have, prereleases=True)
            yield Package(requirement.name, str(requirement.specifier), have, fits)


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def ssh_files() -> tuple[Place, ...]:
    """The user's ~/.ssh, and the files in it that matter. Windows keeps rights in another way: nothing there."""
    folder = Path.home() / ".ssh"
    if os.name == "nt" or not folder.is_dir():
        return ()
    names = sorted(path.name for path in folder.glob("id_*") if not path.name.endswith(".pub"))
    files = [folder, *(folder / name for name in ("config", "authorized_keys", "known_hosts", *names))]
    return tuple(place for place in map(look_at, files) if place.mode is not None)


def look_at(path: Path) -> Place:
    """Look at one file or directory; links are followed."""
    try:
        status = path.stat()
    except OSError:
        return Place(str(path), None)
    mine = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
    return Place(str(path), stat.S_IMODE(status.st_mode), mine=mine, writable=os.access(path, os.W_OK))


def cache_place() -> tuple[Place, int | None]:
    """Where built programs are kept, or the nearest directory above that is there; and what is free, in bytes."""
    import platformdirs

    wanted = platformdirs.user_cache_path("remotego")
    there = next((path for path in (wanted, *wanted.parents) if path.exists()), wanted)
    found = look_at(there)
    try:
        free: int | None = shutil.disk_usage(there).free
    except OSError:
        free = None
    return Place(str(wanted), found.mode, mine=found.mine, writable=found.writable), free


def programs_among(paths: Iterable[str]) -> frozenset[str]:
    """Those of the paths that are programs; ``~/`` is the user's home."""
    found = ((path, Path(path).expanduser()) for path in paths)
    return frozenset(path for path, place in found if place.is_file() and os.access(place, os.X_OK))


def listened_at(ports: Iterable[int]) -> frozenset[int]:
    """Those of the ports of 127.0.0.1 that are taken. Nobody is connected to: a dlv may take one client in its life."""
    return frozenset(port for port in ports if _is_taken(port))


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def alive_among(pids: Iterable[int]) -> frozenset[int]:
    """Those of the processes that live. Windows has no harmless way to ask: all of them there."""
    return frozenset(pid for pid in pids if os.name == "nt" or _lives(pid))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def ask_shell(script: str, timeout_s: float) -> str | None:
    """Run a script by this machine's own sh and give what it prints; None where there is no sh, or no end in time."""
    shell = shutil.which("sh")
    if shell is None:
        return None
    try:
        done = subprocess.run(
            [shell, "-s"], input=script.encode(), capture_output=True, timeout=timeout_s, start_new_session=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None


def verify_module(go: str, directory: Path, timeout_s: float) -> Sums:
    """Have go compare a module's cache with what was fetched, and go.sum with the cache; nothing is fetched for it.

    ``go mod verify`` looks at the cache alone, ``go list`` at go.sum too (cmd/go, modfetch.checkMod).
    """
    said, code = "", 0
    for words in (("mod", "verify"), ("list", "-mod=readonly", "-deps", "./...")):
        try:
            done = subprocess.run(
                [go, *words],
                cwd=directory,
                env=os.environ
                | {"GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod" * (words[0] == "mod")},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=timeout_s,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Sums(str(directory), None, str(error))
        said, code = f"{done.stdout if words[0] == 'mod' else ''}{done.stderr}", done.returncode
        if code:
            break
    return Sums(str(directory), code, said[-4000:], tuple(_sums(directory / "go.sum")))


def _sums(file: Path) -> list[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(CAP_SUMS_BYTES).splitlines()
    except OSError:
        return []
