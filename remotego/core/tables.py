"""Tables: settings that stand in tables of remotego.toml and nowhere else, and what values each takes.

Their keys are flat, ``tools.go`` or ``profile.intranet.goproxy``. A name that the user chooses, such as
that of a tool or a variable, is ``*`` here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from remotego.core.options import MIRROR, Option, Switch, Word, Words, fault_of, fits, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROFILES = ("intranet", "extranet", "mixed")
SYSTEMS = ("linux", "osx", "windows")

_WORD = Word("text without blanks", r"[^\s,|]+")
_PROXY = Word('a URL of http, https or file, or "direct" or "off" at the end', r"direct|off|(https?|file)://[^\s,|]+")
_LINE = Word("text in one line", r".*")

_PROFILE: Mapping[str, Option] = {
    "goproxy": Words("a list of URLs", _PROXY),
    "private": Words("a list of patterns such as *.corp.example", _WORD),
    "sumdb": Word('"off", or a checksum database as in GOSUMDB', r"\S+( \S+)?"),
    "toolchain": Word('"local", "auto", "path" or a version as in GOTOOLCHAIN', r"[a-z0-9][a-z0-9.+_-]*"),
    "goflags": Words("a list of flags such as -mod=readonly", Word("a flag of go without blanks", r"-[^\s]+")),
    "host_goproxy": Words("a list of URLs", _PROXY),
    "goauth": Words(
        "a list as in GOAUTH, such as off, netrc or a command", Word("one command of GOAUTH", r"[^;]*[^;\s]")
    ),
    "sdk_mirror": MIRROR,
}

PINS = "sdk.pins"
_PIN_NAME = re.compile(r"1\.[0-9]{1,3}(?:\.[0-9]{1,3}|rc[0-9]{1,3}|beta[0-9]{1,3}) [a-z0-9]{2,16}/[a-z0-9]{2,16}")
_DIGEST = Word(
    "a digest, h1: of the module golang.org/toolchain or sha256: of a file",
    r"h1:[A-Za-z0-9+/]{43}=|sha256:[0-9a-f]{64}",
)

AUTH = "auth"
_AUTH: Mapping[str, Option] = {
    "url": Word("a URL such as https://git.corp.example/team", r"https://[^\s@?#%\\]+"),
    "source": Word('"auto", "git", "gh", "netrc" or "keyring:SERVICE"', r"auto|git|gh|netrc|keyring:\S.*"),
    "user": Word("the name of a user", r"[^\s:]+"),
    "scheme": Word('"basic" or "bearer"', r"basic|bearer"),
}
"""What a table [auth.NAME] says of credentials: references to where they are, and never one itself."""

TABLES: Mapping[str, Option] = {
    **{f"profile.{profile}.{name}": option for profile in PROFILES for name, option in _PROFILE.items()},
    "tools.*": Word("the path of a tool", is_path=True),
    "gopls.directory_filters": Words("a list of filters such as -node_modules", Word("+ or - and a path", r"[+-]\S*")),
    "gopls.build_flags": Words("a list of flags such as -tags=integration", Word("a flag of go", r"-\S+")),
    "gopls.analyses.*": Switch("true or false"),
    **{f"terminal.{system}.*": _LINE for system in SYSTEMS},
    f"{PINS}.*": _DIGEST,
    **{f"{AUTH}.*.{name}": option for name, option in _AUTH.items()},
}

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
"""What a user may call a tool, an analysis or a variable."""


def is_of_a_table(key: str) -> bool:
    """Tell whether a key belongs to one of the tables here."""
    return key.partition(".")[0] in {name.partition(".")[0] for name in TABLES}


def option_of(key: str) -> Option | None:
    """Give what a key takes; None if there is no such setting."""
    if key.startswith(f"{PINS}."):
        return _DIGEST if _PIN_NAME.fullmatch(key.removeprefix(f"{PINS}.")) else None
    above, _, name = key.rpartition(".")
    if key.startswith(f"{AUTH}."):
        return _AUTH.get(name) if NAME.fullmatch(above.removeprefix(f"{AUTH}.")) else None
    return TABLES.get(key) or (TABLES.get(f"{above}.*") if NAME.fullmatch(name) else None)


def fault_in_table(key: str, value: Any) -> str | None:
    """Say what is wrong with a setting of a table, None if nothing is."""
    option = option_of(key)
    if option is None:
        return f"there is no such setting; {nearest(key, tuple(TABLES))}"
    return None if fits(option, value) else fault_of(option, value)


_VERSION = re.compile(
    r"(://[^\s/@:]*(?::[0-9]+)?/[^\s@:]*)"
    r"@(v[0-9]+\.[0-9]+(?:\.[0-9]+)?(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?)(?![^\s/?#,|])"
)
"""A module's version in the path of a URL: the only "@" that may stand behind "://"."""


def secret_in(key: str, value: Any) -> bool:
    """Tell whether a setting, text or a list of texts, holds a URL with a user, a password or a token in it.

    A password may have any character in it, so whatever stands between "://" and an "@" is taken for one. What
    names proxies and checksum databases takes URLs without a scheme too, and no query.
    """
    return any(_is_secret(text, of_proxy=_names_proxy(key)) for text in _texts(value))


def _names_proxy(key: str) -> bool:
    return key.startswith(("profile.", "terminal.")) and key.lower().endswith(("proxy", "sumdb"))


def _is_secret(text: str, *, of_proxy: bool) -> bool:
    if of_proxy and ("@" in text or "?" in text.partition("://")[2]):
        return True
    return "@" in _VERSION.sub(r"\1 \2", text).partition("://")[2]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
