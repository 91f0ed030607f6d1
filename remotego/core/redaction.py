"""Redaction: secrets taken out of text that comes from files of users and is shown."""

from __future__ import annotations

import re

BLOT = "***"

_USERINFO = re.compile(r"(://)[^\s|,]*@")
_NAMED = re.compile(
    r"(?i)\b(?!credential (?:goauth|git)\b)"  # our own commands, which have none
    r"(\w*(?:TOKEN|SECRET|PASSW|PASSPHRASE|API_?KEY|CREDENTIAL)\w*\s*[=:\s]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)
_LOGIN = re.compile(
    r"(://)(?!/)(?:[^\s|,\"']*@(?!v[\d/]|latest)"  # up to the last "@" that is none of a module or of its proxy's paths
    r"|[^\s/|,\"']*@)"
)
_QUERY = re.compile(r"(://[^\s\"'?|,]*\?)[^\s\"'|,]+")
_OF_PROXY = r"(?:\w*(?:PROXY|SUMDB)|[a-z]+_proxy)"
_SET = re.compile(
    rf"((?<!\w)(?:(?:set\s+-\S+|setenv)\s+(?P<word>{_OF_PROXY})\s+|(?P<name>{_OF_PROXY})[\"']?\s*[=:]\s*))"
    r"(\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s\"']\S*)"
)
_IN_LIST = re.compile(r"([\"']?(?:\w[\w+.-]*://)?)[^\s,|]*@")
_ALONE = re.compile(r"([\"']?(?:\w[\w+.-]*://)?)\S*@")
_QUERY_OF_PROXY = re.compile(r"(\?)[^\s\"'|,]+")

_ASKED = re.compile(r"(://[^\s\"'?|,]*\?)(?!go-get=1\b)[^\s\"'|,\\]*[^\s\"'|,\\:;]")
"""A query in a message: what ends it is none of it, such as the colon before a cause, or an escaped quote of JSON."""


def redacted(text: str) -> str:
    """Blot out what a URL has before its "@" and behind its "?", and what is assigned to a name that tells a secret.

    What is assigned to the name of a proxy or checksum database may be a URL without its scheme.
    """
    bare = _SET.sub(lambda found: found[1] + _without_login(found["word"] or found["name"], found[4]), text)
    return _NAMED.sub(rf"\1{BLOT}", _QUERY.sub(rf"\1{BLOT}", _USERINFO.sub(rf"\1{BLOT}@", bare)))


def redacted_value(name: str, value: str) -> str:
    """Blot out secrets in the value of a variable: go and others take proxies for URLs without a scheme too."""
    return redacted(_without_login(name, value) if re.fullmatch(_OF_PROXY, name) else value)


def _without_login(name: str, value: str) -> str:
    """Only go's own variables are lists: a password of another may have "," and "|" in it."""
    logins = _IN_LIST if name.startswith("GO") else _ALONE
    return _QUERY_OF_PROXY.sub(rf"\1{BLOT}", logins.sub(rf"\1{BLOT}@", value))


def without_secrets(text: str) -> str:
    """Blot out logins and queries of URLs in messages of go: modules, versions and hosts in them stay readable."""
    return _QUERY.sub(rf"\1{BLOT}", without_logins(text))


def without_logins(text: str) -> str:
    """Blot out what a URL has before its "@" and behind its "?", in messages of go; the rest of them stays readable."""
    return _ASKED.sub(rf"\1{BLOT}", _LOGIN.sub(rf"\1{BLOT}@", text))
