"""Verifying SDKs on hosts: every file hashed anew, the go command's own word, and a program compiled there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from remotego.core.errors import MissingError, UsageError
from remotego.core.fact import Fact
from remotego.core.progress import Progress
from remotego.core.settings import Settings
from remotego.core.terminal import inert
from remotego.core.transport import Network, Script, Transport
from remotego.golang.buildinfo import parse_build_info
from remotego.golang.sdk import Sdk
from remotego.golang.sdktree import module_h1
from remotego.host.sdk.check import Content, Findings, compare, sdk_content
from remotego.host.sdk.note import SdkNote
from remotego.host.sdk.plan import DamagedSdkError, SdkNotThereError
from remotego.host.sdk.store import Kept, Sdks, sdks
from remotego.host.sdk.trial import render_mark, render_trial
from remotego.host.survey import Survey, survey
from remotego.ops.engine import UnansweredError, ask
from remotego.ops.remote_file import RemoteFile

HASH_TIMEOUT_S = 600.0
TRIAL_TIMEOUT_S = 600.0


@dataclass(eq=False)
class NoCurrentSdkError(MissingError):
    """``current`` is asked for and leads nowhere."""

    host: str
    what = "{host}: no SDK is current there"
    remedy = "name a version (`remotego sdk.list --host {host}` shows what there is), or make one current with sdk.use"


@dataclass(frozen=True, slots=True)
class Verified:
    """An SDK that was looked at. ``fault`` says in one line what is wrong with it, "" for nothing.

    ``go`` is what its go command was built as, ``h1`` the hash of its files as a module, ``trial`` what the program
    that was compiled there has printed; "" where it was not come to.
    """

    version: str
    path: str
    note: SdkNote | None
    findings: Findings
    files: int
    h1: str
    go: str
    trial: str
    fault: str


def verify_sdks(
    network: Network, name: str, wanted: str, settings: Settings, progress: Progress, *, dry: bool
) -> tuple[Verified, ...]:
    """Verify one version on a host, the ``current`` one, or ``all``.

    What is found is noted there for sdk.list and sdk.install, unless ``dry``: nothing is compiled or written then.
    Raises SdkNotThereError, NoCurrentSdkError.
    """
    progress.step(name, "connect")
    with network.reach(name) as host:
        have, there = ask(host, survey(settings.store), sdks(settings.store))
        return tuple(_verify(host, have, there, one, progress, dry=dry) for one in _chosen(name, there, wanted))


def error_of(name: str, one: Verified) -> DamagedSdkError:
    """Give the error for one with a fault."""
    return DamagedSdkError(name, one.version, one.fault)


def _chosen(name: str, there: Sdks, wanted: str) -> Sequence[Kept]:
    if wanted == "all":
        return there.kept
    if wanted == "current" and not there.current:
        raise NoCurrentSdkError(name)
    version = there.current if wanted == "current" else wanted
    found = there.find(version)
    if found is None:
        raise SdkNotThereError(name, version)
    return [found]


def _verify(host: Transport, have: Survey, there: Sdks, one: Kept, progress: Progress, *, dry: bool) -> Verified:
    path = there.path_of(one.version)
    progress.step(host.name, f"hash the {one.amount.files} files of go{one.version}")
    content = _ask_long(host, sdk_content(path, have.digest))
    findings, h1 = compare(content), _h1(one, content)
    go, trial = "", ""
    fault = findings.summary or _mismatch(one, content, h1)
    if not fault:
        go, fault = _go(host, path, one.version)
    if not fault and not dry:
        progress.step(host.name, f"compile a program with go{one.version}")
        trial, fault = _trial(host, one, there.root)
    if not dry:
        host.run(render_mark(one.version, there.root, fault))
    return Verified(one.version, path, one.note, findings, len(content.found), h1, go, trial, fault)


def _ask_long(host: Transport, fact: Fact[Content]) -> Content:
    """Ask what takes longer than other questions. Raises UnansweredError."""
    answer = host.run(Script(fact.script), timeout_s=HASH_TIMEOUT_S)
    try:
        return fact.parse(answer.stdout.decode("utf-8", "replace"))
    except ValueError as error:
        raise UnansweredError(host.name, fact.name, f"{error}; {inert(answer.stderr)[:200]}") from error


def _h1(one: Kept, content: Content) -> str:
    return module_h1(Sdk(one.version, one.note.goos, one.note.goarch), content.found) if one.note else ""


def _mismatch(one: Kept, content: Content, h1: str) -> str:
    """Say where the records differ from each other; the module's hash ties them to the checksum database."""
    if one.note is None:
        return "its note is missing or damaged"
    if content.meant is None:
        return "its manifest is missing or damaged"
    if one.note.h1 and one.note.h1 != h1:
        return f"its files are those of another manifest: {h1} instead of {one.note.h1}"
    return ""


def _go(host: Transport, path: str, version: str) -> tuple[str, str]:
    """Give what its go command says of itself, and what is wrong with that."""
    try:
        go = inert(parse_build_info(RemoteFile(host, f"{path}/bin/go")).go)
    except UsageError as error:
        return "", f"its go command is no program of Go: {error}"
    return go, "" if go == f"go{version}" else f"its go command is of {go}"


def _trial(host: Transport, one: Kept, root: str) -> tuple[str, str]:
    """Give what a program has printed that was compiled there, and what is wrong with that."""
    answer = host.run(render_trial(one.version, root, secrets.token_hex(6)), timeout_s=TRIAL_TIMEOUT_S)
    said = inert(answer.stdout).strip()
    meant = f"go{one.version} {one.note.platform}" if one.note else ""
    if answer.exit_code == 0 and said == meant:
        return said, ""
    last = (inert(answer.stderr).strip() or said or f"exit code {answer.exit_code}").splitlines()[-1]
    return said, f"it cannot compile a program: {last}"
