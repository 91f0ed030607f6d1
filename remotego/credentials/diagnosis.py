"""Diagnosis: why a private module does not come, from what go and git said and what they asked us for. Pure rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from remotego.credentials.place import UnfitUrlError, parse_place

TIMED_OUT = 124
"""How timeout(1) says that it has ended what it ran."""

PUBLIC = ("proxy.golang.org", "sum.golang.org", "goproxy.io", "goproxy.cn")


_NAME = "NAME"


@dataclass(frozen=True, slots=True)
class Hint:
    """A question that was asked meanwhile, and what became of it: "granted" or a code, and why."""

    kind: str
    url: str
    outcome: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a trial gave. ``settings`` are go's there, ``go_is_old`` tells that it knows no GOAUTH, ``output`` what go
    or git said, ``hints`` the questions in their order, ``allowed`` whether the target itself may be asked for.
    """

    target: str
    exit_code: int
    output: str
    hints: tuple[Hint, ...] = ()
    settings: Mapping[str, str] | None = None
    go_is_old: bool = False
    allowed: bool = True

    @property
    def is_url(self) -> bool:
        """Whether it is about a repository by its URL, and not about a module."""
        return "://" in self.target

    @property
    def words(self) -> str:
        """What go or git said in words of their own: without URLs, paths, names of hosts, versions, and the revision.

        A module may well be called "tls/unreachable", and a branch "403".
        """
        revision = self.target.partition("@")[2]
        named = rf"|(?<![\w.]){re.escape(revision)}(?![\w.])" if revision else ""
        return re.sub(rf"\S*\w[./@]\w\S*{named}", _NAME, self.output)

    def says(self, pattern: str) -> bool:
        """Tell whether go or git said something in words of their own."""
        return re.search(pattern, self.words, re.IGNORECASE) is not None

    def names(self, host: str) -> bool:
        """Tell whether what was said is about a host; of a URL with a version in it nothing else may be left."""
        said = self.output.replace(self.target.partition("@")[0], _NAME)
        return re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w.-])", said) is not None

    def was(self, *outcomes: str) -> Hint | None:
        """Give the last question that ended so."""
        return next((one for one in reversed(self.hints) if one.outcome in outcomes), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it is: a ``code`` for machines, ``text`` and ``remedy`` for people."""

    code: str
    text: str
    remedy: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was fetched."""
        return self.code in ("fetched", "public")


def diagnose(evidence: Evidence) -> Verdict:
    """Say why a trial went as it did: the first rule that fits, the surest first."""
    if evidence.exit_code == 0:
        return _fetched(evidence)
    sure = next((code for code, fits in _SURE.items() if fits(evidence)), None)
    if sure is not None:
        return _verdict(sure)
    if (refused := _refused(evidence) or _not_allowed(evidence)) is not None:
        return refused
    return _verdict(next((code for code, fits in _LIKELY.items() if fits(evidence)), "unknown"))


def _fetched(evidence: Evidence) -> Verdict:
    if (granted := evidence.was("granted")) is not None:
        return Verdict("fetched", f"it came, with the credential that {granted.kind} asked for")
    return Verdict("public", "it came, and nobody asked for a credential: it is public, or a cache or proxy had it")


_WORDS: Mapping[str, tuple[str, str]] = {
    "http": ("it is asked for over plain http, where go and git send no secret of ours", "use https://"),
    "tls": (
        "the server's certificate is not trusted there",
        "install its authority there (SSL_CERT_FILE for go, http.sslCAInfo for git)",
    ),
    "unreachable": (
        "the host there does not get to the server, or not within two minutes",
        "see its network, and GOPROXY and HTTPS_PROXY there",
    ),
    "other-helper": (
        "another helper of git's there is set after ours, and would be told the secret too",
        "take credential.helper out of the repository's or the login's settings there",
    ),
    "forbidden": ("the server knows who asks and says no (403)", "ask for access, or for a token with more rights"),
    "rejected": (
        "the server does not take the credential (401): it has expired or was revoked",
        "log in anew here, or name another source in [auth.NAME]",
    ),
    "old-go": (
        "the go there knows no GOAUTH (Go 1.24), so it asks nobody for modules over https",
        "give auth.connect --netrc or --link-netrc, or use a newer Go there (sdk.use)",
    ),
    "not-private": (
        "it was asked for at a proxy or checksum database that does not know it, and that has learnt its name by that",
        "have go there take it for private: set-env --set GOPRIVATE=PATTERN",
    ),
    "goauth": ("GOAUTH is set to something else in the environment there", "take it out of there (remotego env)"),
    "not-found": (
        "the server says there is no such thing, or hides it",
        "see its spelling, and your access",
    ),
    "not-asked": (
        "the server wants a credential, and nobody has asked us for one",
        "see that git there is 2.31 or newer, and what its settings say of credential.helper",
    ),
    "unknown": ("it failed, and none of the known causes fits", "read what go or git said"),
    "no-credential": ("", "log in here (git fetch once, gh auth login, ~/.netrc), or name the source in [auth.NAME]"),
    "expired": ("", "connect again, or for longer (--for)"),
    "not-confirmed": ("", "answer y here, or leave out --confirm"),
    "too-many": ("", "wait a minute"),
    "gone": ("", "see why git or go there does not wait for the answer, and try again"),
}
"""What to say of each cause; "" where the refusal says it itself."""


def _verdict(code: str, text: str = "") -> Verdict:
    return Verdict(code, text or _WORDS[code][0], _WORDS[code][1])


def _plain_http(evidence: Evidence) -> bool:
    return evidence.target.startswith("http://") or evidence.says(r"insecure|refusing to pass credentials")


def _tls(evidence: Evidence) -> bool:
    return evidence.says(r"x509:|certificate|SSL|tls: ")


def _unreachable(evidence: Evidence) -> bool:
    said = r"no such host|Could not resolve host|connection refused|timed? ?out|no route|unreachable"
    return evidence.exit_code == TIMED_OUT or evidence.says(said)


def _other_helper(evidence: Evidence) -> bool:
    return evidence.says("git would tell the helper")


def _forbidden(evidence: Evidence) -> bool:
    return evidence.says(r"\b403\b")


def _rejected(evidence: Evidence) -> bool:
    denied = evidence.says(r"\b401\b|Authentication failed|Invalid username or (password|token)")
    return denied and evidence.was("granted", "refused-by-server") is not None


def _overridden(evidence: Evidence) -> bool:
    value = (evidence.settings or {}).get("GOAUTH", "")
    return not evidence.is_url and value != "" and "credential goauth" not in value


def _old_go(evidence: Evidence) -> bool:
    return not evidence.is_url and evidence.go_is_old and not any(one.kind == "go" for one in evidence.hints)


def _told_the_public(evidence: Evidence) -> bool:
    return _is_for_a_proxy(evidence) and any(map(evidence.names, PUBLIC))


def _not_private(evidence: Evidence) -> bool:
    return _is_for_a_proxy(evidence) and evidence.says(r"verifying|\b(404|410)\b")


def _is_for_a_proxy(evidence: Evidence) -> bool:
    return not evidence.is_url and not is_private(evidence.target, evidence.settings or {})


def _not_found(evidence: Evidence) -> bool:
    return evidence.says(r"\b(404|410)\b|not found")


def _not_asked(evidence: Evidence) -> bool:
    return evidence.says(r"terminal prompts disabled|could not read (Username|Password)|\b401\b")


def _refused(evidence: Evidence) -> Verdict | None:
    hint = evidence.was("no-credential", "expired", "not-confirmed", "too-many", "gone")
    return None if hint is None else _verdict(hint.outcome, hint.why)


def _not_allowed(evidence: Evidence) -> Verdict | None:
    """Say which URL to allow; parents of a module's path are asked for too, at hosts that are nobody's."""
    hint = next((one for one in evidence.hints if one.outcome == "not-allowed" and not _is_public(one.url)), None)
    if evidence.is_url and not evidence.allowed:
        return Verdict("not-allowed", f"{evidence.target} is not allowed", f"allow it: --allow {evidence.target}")
    if hint is None:
        return None
    return Verdict("not-allowed", hint.why, f"allow it: --allow {hint.url}, or a table [auth.NAME]")


_SURE: Mapping[str, Callable[[Evidence], bool]] = {
    "http": _plain_http,
    "not-private": _told_the_public,
    "tls": _tls,
    "unreachable": _unreachable,
    "other-helper": _other_helper,
}
_LIKELY: Mapping[str, Callable[[Evidence], bool]] = {
    "forbidden": _forbidden,
    "rejected": _rejected,
    "goauth": _overridden,
    "old-go": _old_go,
    "not-private": _not_private,
    "not-found": _not_found,
    "not-asked": _not_asked,
}


def _is_public(url: str) -> bool:
    try:
        return parse_place(url).host in PUBLIC
    except UnfitUrlError:
        return False


def is_private(module: str, settings: Mapping[str, str]) -> bool:
    """Tell whether go fetches a module without a proxy, by GONOPROXY or GOPRIVATE (`go help private`)."""
    patterns = settings.get("GONOPROXY") or settings.get("GOPRIVATE") or ""
    return any(_matches(pattern, module) for pattern in patterns.split(",") if pattern)


def _matches(pattern: str, module: str) -> bool:
    """Match as path.Match does, with as many segments of the module as the pattern has."""
    from fnmatch import fnmatchcase

    wanted = pattern.rstrip("/").split("/")
    have = module.split("/")[: len(wanted)]
    return len(have) == len(wanted) and all(fnmatchcase(one, glob) for one, glob in zip(have, wanted, strict=True))
