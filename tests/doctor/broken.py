"""Accounts that are wrong on purpose, each in one way, beside those that the lab has of its own.

They are made by one script in a container that runs already, so thirty of them cost a second.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.toolchain import Toolchain, find_toolchains
from tests.lab.lab import Lab

GO = "/opt/realgo"
STORE = ".local/share/remotego"
BARE = f"mkdir -p {STORE}/store {STORE}/journal {STORE}/sessions && chmod -R 700 .local"
LIAR = "0" * 64


@dataclass(frozen=True, slots=True)
class Account:
    """A login of app: ``rc`` is its .bashrc, which its .profile reads, and ``setup`` what else is done in its home."""

    name: str
    rc: str = ""
    setup: str = "true"

    @property
    def host(self) -> str:
        """Its name in ssh_config."""
        return f"app-{self.name}"

    @property
    def home(self) -> str:
        """Its home."""
        return f"/home/{self.name}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A lab that is wrong: the ``host``, the check that has to name it, how bad it is, and a word of its evidence."""

    host: str
    check: str
    verdict: str
    says: str


WITH_GO = f"PATH={GO}/bin:$PATH; export PATH"
MINE = "PATH=$HOME/bin:$PATH; export PATH"

ACCOUNTS = (
    Account(
        "b-well",
        f"{WITH_GO}; export GOPROXY=file://$HOME/tree",
        "mkdir -p tree/golang.org/x/mod/@v; cd tree/golang.org/x/mod/@v; echo v0.1.0 >list; "
        "printf %s '{\"Version\":\"v0.1.0\"}' >v0.1.0.info; echo 'module golang.org/x/mod' >v0.1.0.mod",
    ),
    Account("b-goroot", f"{WITH_GO}; export GOROOT=/opt/gone GOPROXY=off"),
    Account("b-gopath", f"{WITH_GO}; export GOPATH=$HOME/go GOPROXY=off"),
    Account("b-golink", MINE, "mkdir bin; ln -s /nowhere/bin/go bin/go"),
    Account("b-goproxy", f"{WITH_GO}; export GOPROXY=http://127.0.0.1:9,direct"),
    Account("b-bared", f"{WITH_GO}; export GOPROXY=http://joe:hunter2@127.0.0.1:9,direct"),
    Account("b-absent", f"{WITH_GO}; export GOPROXY=file:///nowhere/tree"),
    Account("b-cache", f"{WITH_GO}; export GOPROXY=off GOMODCACHE=/opt/rootscache"),
    Account(
        "b-open",
        setup=f"{BARE}; chmod 770 {STORE} {STORE}/store; echo x >{STORE}/store/dlv-{LIAR}; "
        f"chmod 700 {STORE}/store/dlv-{LIAR}",
    ),
    Account("b-ssh", setup="mkdir .ssh; chmod 777 .ssh; : >.ssh/id_rsa; chmod 644 .ssh/id_rsa"),
    Account(
        "b-digest",
        "PATH=$HOME/tools; export PATH",
        "mkdir tools; for tool in /usr/bin/*; do "
        "case $tool in */sha*sum|*/openssl) ;; *) ln -s $tool tools/ ;; esac; done",
    ),
    Account(
        "b-dead",
        setup=f"{BARE}; mkdir -p {STORE}/sessions/0badc0de {STORE}/store/.1700000000-abcd-0; "
        f"chmod 700 {STORE}/sessions/* {STORE}/store/.1*; touch -d '3 hours ago' {STORE}/store/.1*",
    ),
    Account("b-other", setup=f"{BARE}; mkdir -p elsewhere && chmod 700 elsewhere"),
    Account(
        "b-clock",
        MINE,
        "mkdir bin; printf '%s\\n' '#!/bin/sh' "
        "'[ \"$1\" != +%s ] || exec expr $(/usr/bin/date +%s) - 1000' 'exec /usr/bin/date \"$@\"' >bin/date; "
        "chmod 755 bin/date",
    ),
    Account("b-files", "ulimit -n 64"),
    Account("b-split", setup="echo 'export GOTOOLCHAIN=go1.21.3' >>.profile"),
    Account(
        "b-sdk",
        setup=f"{BARE}; mkdir -p {STORE}/sdk/1.26.6/bin; chmod 700 {STORE}/sdk; echo x >{STORE}/sdk/1.26.6/bin/go",
    ),
    Account("b-tampered"),
    Account("b-session"),
    Account("b-process"),
    Account("b-block", "export GOPROXY=off", setup=f"mkdir -p sdk && cp -r {GO} sdk/go1.27.1"),
    Account("b-tools", "export GOPROXY=off", setup=f"mkdir -p sdk && cp -r {GO} sdk/go1.27.1"),
    Account("b-watched"),
    Account("b-orphan"),
)

BROKEN = (
    Broken("app-b-goroot", "go-root", "failure", "GOROOT is set to /opt/gone"),
    Broken("app-b-gopath", "go-path", "warning", "which it is without being set"),
    Broken("app-b-golink", "go-link", "failure", "/home/b-golink/bin/go"),
    Broken("app-b-goproxy", "go-proxy", "failure", "nobody listens there"),
    Broken("app-b-bared", "go-proxy", "failure", "go sends none over plain http"),
    Broken("app-b-absent", "go-proxy", "warning", "does not have the module"),
    Broken("app-b-cache", "go-directories", "failure", "/opt/rootscache belongs to somebody else"),
    Broken("app-b-open", "store-permissions", "failure", "others may write"),
    Broken("app-b-ssh", "account-keys", "failure", "/home/b-ssh/.ssh (0777)"),
    Broken("app-b-digest", "store-tools", "failure", "no sha256sum"),
    Broken("app-b-dead", "leftover-sessions", "failure", "0badc0de"),
    Broken("app-b-dead", "leftover-pushes", "warning", "1700000000-abcd-0"),
    Broken("app-b-clock", "system-clock", "failure", "17 min behind ours"),
    Broken("app-b-files", "account-limits", "failure", "only 64 open files"),
    Broken("app-b-split", "env-contexts", "warning", "/home/b-split/.profile:2"),
    Broken("app-b-sdk", "env-sdk", "failure", "1.26.6 is damaged"),
    Broken("app-b-watched", "attach-watchdog", "warning", "after 30 s"),
    Broken("app-b-orphan", "leftover-dlv", "failure", "has lost who started it and holds process"),
    Broken("app-b-orphan", "dlv-command", "warning", "takes one connection only"),
    Broken("tiny-other", "go-proxy", "unknown", "wget crashes there"),
    Broken("app-b-other", "leftover-stores", "warning", "/home/b-other/.local/share/remotego"),
    Broken("app-bash", "account-quiet", "warning", "noise from"),
    Broken("app-noexec", "store-noexec", "failure", "noexec"),
    Broken("app-full", "store-space", "failure", "4 MB of 4 MB are free"),
    Broken("app-noinodes", "store-inodes", "failure", "inodes are free"),
    Broken("app-rohome", "store-place", "failure", "read-only file system"),
    Broken("app-nohome", "account-home", "failure", "/home/nohome"),
    Broken("app-nologin", "reach-hop", "failure", "no POSIX shell answers"),
    Broken("app-rbash", "reach-hop", "failure", "no POSIX shell answers"),
    Broken("hardened", "forward-channel", "warning", "not tcp"),
    Broken("nobody-there", "reach-hop", "failure", "cannot connect to nobody-there"),
)


@contextmanager
def broken_accounts(lab: Lab, folder: Path) -> Iterator[Path]:
    """Make them; the ssh_config that leads to them and to the rest of the lab."""
    bring_go(lab)
    script = "\n".join([_PRELUDE, *(_made(one, 1100 + number) for number, one in enumerate(ACCOUNTS))])
    lab.exec("app", "sh", "-c", script, user="root")
    config = folder / "ssh_config"
    key = lab.run_dir / "keys" / "dev"
    blocks = [_block(one.host, one.name, key) for one in ACCOUNTS]
    blocks.append("Host nobody-there\n    HostName 127.0.0.1\n    Port 9\n    HostKeyAlias app\n")
    config.write_text("\n".join([*blocks, lab.ssh_config.read_text()]))
    try:
        yield config
    finally:
        names = " ".join(one.name for one in ACCOUNTS)
        lab.exec(
            "app",
            "sh",
            "-c",
            f"for name in {names}; do pkill -KILL -u $name; userdel -rf $name; "
            f"rm -f /etc/ssh/authorized_keys/$name; done 2>/dev/null; rm -rf {GO} /opt/rootscache; true",
            user="root",
        )


_PRELUDE = """\
set -e
mkdir -p /opt/rootscache
made() {
  useradd --uid "$2" --shell /bin/bash --create-home --skel /nowhere "$1" 2>/dev/null
  chmod 700 "/home/$1"
  cp /etc/ssh/authorized_keys/dev "/etc/ssh/authorized_keys/$1"
}
as() { setpriv --reuid "$1" --regid "$1" --init-groups env "HOME=/home/$1" sh -c "cd; umask 077; $2"; }
"""


def _made(one: Account, uid: int) -> str:
    rc = f"printf '%s\\n' {shlex.quote(one.rc)} >.bashrc; echo '. ~/.bashrc' >.profile; {one.setup}"
    return f"made {one.name} {uid}; as {one.name} {shlex.quote(rc)}"


def _block(alias: str, user: str, key: Path) -> str:
    lines = [f"Host {alias}", "HostName app", f"User {user}", "ProxyJump jump", "HostKeyAlias app"]
    return "\n    ".join([*lines, f'IdentityFile "{key}"']) + "\n"


def bring_go(lab: Lab) -> None:
    """Put a real go into app: the command and what it looks for at its start, which is 14 MB and not 250."""
    with tempfile.TemporaryDirectory() as room:
        found = next(one for one in find_toolchains(None, Path(room, "notes")) if isinstance(one, Toolchain))
        root = Path(room, "root")
        (root / "bin").mkdir(parents=True)
        (root / "pkg" / "tool").mkdir(parents=True)
        shutil.copy(found.go, root / "bin" / "go")
        for name in ("VERSION", "go.env"):
            shutil.copy(found.go.parent.parent / name, root / name)
        lab.engine.docker("cp", str(root), f"{lab.containers['app']}:{GO}")
    lab.exec("app", "chown", "-R", "root:root", GO, user="root")
    lab.exec("app", "chmod", "-R", "a+rX", GO, user="root")
