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

_ASKED = re.compile(r"(://[^\s\"'?|,]*\?)(?!go-get=1\b)[^\s\"'|,\\]*[^\s\"'|,\\:;]")
"""A query in a message: what ends it is none of it, such as the colon before a cause, or an escaped quote of JSON."""


def redacted(text: str) -> str:
    """Blot out what a URL has before its "@" and behind its "?", and what is assigned to a name that tells a secret."""
    return _NAMED.sub(rf"\1{BLOT}", _QUERY.sub(rf"\1{BLOT}", _USERINFO.sub(rf"\1{BLOT}@", text)))


def without_logins(text: str) -> str:
    """Blot out what a URL has before its "@" and behind its "?", in messages of go; the rest of them stays readable."""
    return _ASKED.sub(rf"\1{BLOT}", _LOGIN.sub(rf"\1{BLOT}@", text))
