"""A closed site in the lab: a forge, a git and a go on app, which only the jump host leads to."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.credentials import forge
from tests.lab.lab import Lab
from tests.lab.process import run

WHERE = "/opt/auth-site"
GO = f"{WHERE}/go/bin/go"
GIT = "/usr/local/bin/git"
TRUST = "/etc/ssl/certs/ca-certificates.crt"
PROGRAMS = ("git-remote-http", "git-http-backend")
_WRAPPER = """\
#!/bin/sh
export GIT_EXEC_PATH={where}/git/core GIT_TEMPLATE_DIR={where}/git/templates GIT_SSL_CAINFO={trust}
exec {where}/git/lib/{loader} --library-path {where}/git/lib {where}/git/real/{name} "$@"
"""


@contextmanager
def site(lab: Lab) -> Iterator[None]:
    """Have it while the block lasts; app is as before afterwards."""
    with tempfile.TemporaryDirectory(prefix="remotego-site-") as room:
        tree = Path(room) / "auth-site"
        tree.mkdir(mode=0o755)
        Path(room).chmod(0o755)
        _lay_out_git(tree / "git")
        _lay_out_go(tree / "go")
        forge.lay_out(tree / "forge")
        shutil.copy(forge.program(), tree / "forge" / "forge")
        lab.engine.docker("cp", str(tree), f"{lab.containers['app']}:{WHERE}")
    root = {"user": "root"}
    words = forge.command(f"{WHERE}/forge", "127.0.0.1:443", f"{WHERE}/git/core/git", f"{WHERE}/forge/forge")
    lines = (
        f"chown -R root:root {WHERE}; chmod -R go=rX {WHERE}; chmod 700 {WHERE}/forge",
        f"mkdir -p {TRUST.rpartition('/')[0]}; cp {WHERE}/forge/ca.pem {TRUST}; chmod 644 {TRUST}",
        f"cp /etc/hosts {WHERE}/hosts; echo '127.0.0.1 {forge.HOST}' >> /etc/hosts",
        f"ln -sf {WHERE}/git/core/git {GIT}",
        f"{{ {' '.join(words)} >{WHERE}/forge/log 2>&1 & echo $! >{WHERE}/pid; }}",
        f"tries=100; until [ -s {WHERE}/forge/log ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done",
    )
    lab.exec("app", "sh", "-c", "\n".join(lines), **root)
    try:
        yield
    finally:
        gone = f"kill $(cat {WHERE}/pid); cat {WHERE}/hosts >/etc/hosts; rm -rf {WHERE} {GIT} {TRUST}"
        lab.exec("app", "sh", "-c", gone, **root)


def _lay_out_git(folder: Path) -> None:
    """Give this machine's git with all it is linked to: the target may be another Debian."""
    for name in ("core", "real", "lib", "templates"):
        (folder / name).mkdir(parents=True)
    core = Path(run("git", "--exec-path").strip())
    programs = {"git": Path(str(shutil.which("git"))).resolve()} | {name: (core / name).resolve() for name in PROGRAMS}
    libraries = {path for one in programs.values() for path in _linked(one)}
    loader = next(path.name for path in libraries if path.name.startswith("ld-"))
    for path in libraries:
        shutil.copy(path, folder / "lib" / path.name)
    for name, path in {**programs, "git-remote-https": programs["git-remote-http"]}.items():
        shutil.copy(path, folder / "real" / name)
        wrapper = folder / "core" / name
        wrapper.write_text(_WRAPPER.format(where=WHERE, trust=TRUST, loader=loader, name=name))
        wrapper.chmod(0o755)


def _linked(program: Path) -> Iterator[Path]:
    said = subprocess.run(("ldd", str(program)), capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        yield from (Path(word) for word in line.split() if word.startswith("/"))


def _lay_out_go(folder: Path) -> None:
    """Give what fetching takes of a Go: the command, and a tree it finds itself in."""
    theirs = Path(run(forge.go(), "env", "GOROOT").strip())
    for name in ("bin", "pkg/tool", "src"):
        (folder / name).mkdir(parents=True)
    for name in ("bin/go", "VERSION", "go.env"):
        shutil.copy(theirs / name, folder / name)
