"""Checksum mismatches explained: is the module cache damaged, or does go.sum say something else?

`go mod verify` compares the cache with the hash that was noted when a module was fetched, and with go.sum not at all;
`go build` compares with go.sum. So the two together tell which of them to believe (go help mod verify).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from remotego.core.health import Sums
from remotego.doctor.check import Finding, failure, ok, unknown
from remotego.doctor.redaction import shown

CHECK = "go-sums"
_MODIFIED = re.compile(r"^(?P<module>\S+) (?P<version>v\S+): (?:dir|zip) has been modified", re.MULTILINE)
_MISMATCH = re.compile(r"(?:verifying )?(?P<module>[^\s@]+)@(?P<version>v[^\s:/]+)(?:/go\.mod)?: checksum mismatch")
_UNFETCHED = re.compile(
    r"disabled by GOPROXY=off|missing go\.sum entry|no required module provides|no Go files|matched no"
)
_MALFORMED = re.compile(r"malformed go\.sum:\s*(?P<where>.*)")


def judge_sums(modules: Sequence[Sums]) -> Iterator[Finding]:
    """Explain what was said of each module of the workspace."""
    for one in modules:
        yield _judge(one)


def _judge(one: Sums) -> Finding:
    if one.code is None:
        return unknown(CHECK, f"{one.directory} was not looked at: {shown(one.said)}", "have a go that works")
    if found := _MODIFIED.search(one.said):
        name = f"{found['module']} {found['version']}"
        return failure(
            CHECK,
            f"{one.directory}: the module cache is damaged: {name} is not what was fetched",
            "fetch it anew after `go clean -modcache`, or after that one directory is removed; go.sum is right",
        )
    if found := _MISMATCH.search(one.said):
        lines = [line for line in one.sums if line.startswith(f"{found['module']} {found['version']}")]
        return failure(
            CHECK,
            f"{one.directory}: go.sum says another hash of {found['module']} {found['version']} than was fetched"
            f" ({'; '.join(lines) or 'no line of it'})",
            "find out who changed that line (git log -p go.sum); if the version was published anew, `go mod tidy` "
            "writes the new hash only after the line is removed. Clearing the cache does not help",
        )
    if found := _MALFORMED.search(one.said):
        return failure(
            CHECK, f"{one.directory}: go.sum cannot be read: {shown(found[0])}", "correct or remove that line"
        )
    if one.code and _UNFETCHED.search(one.said):
        return ok(CHECK, f"{one.directory}: what is in the cache is what was fetched; not all modules are there yet")
    if one.code:
        said = " ".join(shown(one.said).split())[-300:]
        return unknown(CHECK, f"{one.directory}: `go mod verify` ends with {one.code}: {said}", "mend what it says")
    return ok(CHECK, f"{one.directory}: the modules in the cache are what was fetched")
