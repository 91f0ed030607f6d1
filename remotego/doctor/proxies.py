"""Proxies of Go: how a fetch over one of them ended, told by the words of whoever fetched.

The words are those of cmd/go (net/http, crypto/x509), curl, GNU wget and busybox wget. They are only looked at, as
exit codes differ from tool to tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remotego.core.health import GoState, Trial
from remotego.doctor.check import Finding, failure, ok, unknown, warning
from remotego.doctor.redaction import shown, shown_value

CHECK = "go-proxy"
TIMED_OUT = 124
SIGNALLED = 128
"""What shells give for a program that a signal has ended is more than that."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A way a fetch ends: how it is known, what it means, what helps. ``answers``: the proxy itself is there."""

    name: str
    words: re.Pattern[str]
    means: str
    remedy: str
    answers: bool = False


def _words(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


KINDS: tuple[Kind, ...] = (
    Kind(
        "bared",
        _words(r"pass credentials to insecure"),
        "it has a password in its address, and go sends none over plain http",
        "use https, with GOAUTH or ~/.netrc for the password; over plain http there is no way",
    ),
    Kind(
        "denied",
        _words(r"\b40[17]\b|\b403\b|unauthorized|forbidden"),
        "it wants a login, or refuses this one",
        "give go its credentials by GOAUTH or ~/.netrc (https only), never in GOPROXY itself",
        answers=True,
    ),
    Kind(
        "absent",
        _words(r"\b404\b|\b410\b|not found|no such file or directory|no matching versions"),
        "it answers, and does not have the module that was asked for",
        "for a tree or a bundle that may be right; a proxy of everything should have golang.org/x/mod",
        answers=True,
    ),
    Kind(
        "certificate",
        _words(r"x509|certificate|tls:|ssl"),
        "its certificate is not trusted",
        "install its authority for the system, or name it with SSL_CERT_FILE",
    ),
    Kind(
        "name",
        _words(r"no such host|could not resolve|unable to resolve|bad address|name or service|name resolution"),
        "its name leads nowhere",
        "correct GOPROXY, or the DNS of that machine",
    ),
    Kind(
        "refused",
        _words(r"connection refused|can't connect|couldn't connect|failed to connect|no route|unreachable"),
        "nobody listens there",
        "start that proxy, or take it out of GOPROXY: behind a comma the next one is not even asked",
    ),
    Kind(
        "timeout",
        _words(r"timed? ?out|deadline exceeded"),
        "no answer in time, and go itself would wait for ever",
        "look for a firewall between the two, or take it out of GOPROXY",
    ),
    Kind(
        "page",
        _words(r"malformed|unexpected (?!EOF)|invalid|<html|disallows|redirect"),
        "what it sends is not what a proxy of modules sends: a login page, perhaps",
        "open its address in a browser from that network",
        answers=True,
    ),
    Kind(
        "broken",
        _words(r"\b5\d\d\b|server error|bad gateway|reset|broken pipe|\bEOF\b"),
        "it fails itself",
        "see its log; behind a comma go asks no other one after such an answer",
        answers=True,
    ),
)

OTHER = Kind("other", _words("."), "the fetch fails", "run `go list -m -versions golang.org/x/mod` there")


def kind_of(trial: Trial) -> Kind | None:
    """Say how a fetch ended; None where it worked."""
    if trial.code == 0:
        return None
    if trial.code == TIMED_OUT:
        return next(kind for kind in KINDS if kind.name == "timeout")
    said = trial.said.replace(trial.proxy, "")
    return next((kind for kind in KINDS if kind.words.search(said)), OTHER)


def judge_proxies(state: GoState) -> Iterator[Finding]:
    """Say whether GOPROXY gives a module: one finding for each entry that was tried, none where nothing uses it."""
    proxy = state.said.get("GOPROXY") or state.exported.get("GOPROXY", "")
    if not proxy:
        return
    if not state.trials:
        yield _untried(proxy)
        return
    works = [trial for trial in state.trials if kind_of(trial) is None]
    for trial in state.trials:
        kind = kind_of(trial)
        yield _told(trial, kind, state.trials, spared=bool(works))


def _untried(proxy: str) -> Finding:
    entries = re.split(r"[,|]", proxy)
    if entries[0] == "off":
        return ok(CHECK, "GOPROXY is off: modules come from the module cache or a vendor directory")
    if entries[0] == "direct":
        return ok(CHECK, "GOPROXY is direct: modules come from their repositories, nothing to try by itself")
    return unknown(
        CHECK,
        f"GOPROXY is {shown_value('GOPROXY', proxy)}, and nothing there can fetch",
        "have go, curl or wget on that machine",
    )


def _told(trial: Trial, kind: Kind | None, trials: Sequence[Trial], *, spared: bool) -> Finding:
    name = shown_value("GOPROXY", trial.proxy)
    if kind is None:
        return ok(CHECK, f"{name} gave golang.org/x/mod to {trial.tool}")
    if trial.code > SIGNALLED:
        said = f"nobody can tell whether {name} gives a module: {trial.tool} crashes there (code {trial.code})"
        return unknown(CHECK, said, "have go, curl or another wget on that machine")
    evidence = f"GOPROXY's {name}: {kind.means} ({_short(trial)})"
    first = trial is trials[0]
    if kind.name == "absent" or (spared and not first):
        return warning(CHECK, evidence, kind.remedy)
    return failure(CHECK, evidence, kind.remedy)


def _short(trial: Trial) -> str:
    said = " ".join(shown(trial.said).split())
    return f"{trial.tool}: {said[-160:]}" if said else f"{trial.tool} ends with {trial.code}"
