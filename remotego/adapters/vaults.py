"""Vaults: programs and files of this machine that keep credentials, asked without ever prompting in this terminal.

What they print is a secret: nothing of it, nor of what they complain, gets into an error or a log.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from remotego.adapters.netrc import basic_auth
from remotego.core.secret import Secret

ANSWER_S = 60.0
"""A helper may show a window of its own; the one who waits on the target waits a little longer than this."""

_GH_USER = "x-access-token"
"""The user that forges take with a token."""

_GH_TOKENS = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""What gh prints in the place of a host's own token, the last two for any host there is (`gh help environment`)."""

_GH_ALIAS = re.compile(r".+\.github\.(com|localhost)|.+\..+\.ghe\.com")
"""Hosts that gh takes for the one they are below (go-gh, auth.NormalizeHostname)."""

_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "LC_ALL": "C"}


def from_git(netloc: str, path: str, user: str) -> Secret | str:
    """Ask git's own helpers (git-credential-manager, osxkeychain, libsecret, cache ...) by `git credential fill`.

    Gives the reason, without any secret, where they have none.
    """
    words = {"protocol": "https", "host": netloc, "path": path.lstrip("/"), "username": user}
    asked = "".join(f"{key}={value}\n" for key, value in words.items() if value)
    # Prompts are answered with nothing: `true` prints an empty line for user and password.
    said = _run(("git", "-c", "core.askPass=true", "credential", "fill"), asked + "\n")
    if said is None:
        return "there is no git here" if shutil.which("git") is None else "git's helpers have none"
    found = dict(line.partition("=")[::2] for line in said.splitlines())
    if not found.get("password"):
        return "git's helpers have none"
    return Secret(found.get("username", ""), found["password"])


def from_gh(netloc: str, user: str) -> Secret | str:
    """Ask GitHub's command for the token that it has for this very host."""
    if shutil.which("gh") is None:
        return "there is no gh here"
    if _GH_ALIAS.fullmatch(netloc.partition(":")[0]):
        return f"gh has no token for {netloc}, only for what it is a part of"
    words = ("gh", "auth", "token", "--hostname", netloc, *(("--user", user) if user else ()))
    said = _run(words, "", without=_GH_TOKENS)
    return Secret(user or _GH_USER, said.strip()) if said and said.strip() else f"gh is not logged in to {netloc}"


def from_keyring(service: str, user: str, *, answer_s: float = ANSWER_S) -> Secret | str:
    """Ask the system's keyring, where the package keyring is installed, in a process of its own.

    A keyring that is locked may wait for ever for somebody to open it, and a process can be ended.
    """
    words = (sys.executable, "-P", str(Path(__file__).with_name("keyringdoor.py")))
    said = _run(words, json.dumps([service, user]), answer_s=answer_s)
    found = json.loads(said) if said else {"lacks": f"the keyring does not answer within {answer_s:.0f} s"}
    if "lacks" in found:
        return str(found["lacks"])
    return Secret(found["user"] or user, found["password"])


def from_netrc(netloc: str, environ: Mapping[str, str] = os.environ) -> Secret | str:
    """Look into ~/.netrc or the file of NETRC."""
    found = basic_auth(netloc, environ)
    return Secret(*found) if found else f"~/.netrc has nothing for {netloc}"


def _run(words: tuple[str, ...], text: str, *, without: tuple[str, ...] = (), answer_s: float = ANSWER_S) -> str | None:
    """Run in the home, where no repository's settings count; None where it fails."""
    environ = {name: value for name, value in os.environ.items() if name not in without}
    try:
        done = subprocess.run(
            words,
            input=text,
            capture_output=True,
            text=True,
            timeout=answer_s,
            env=environ | _QUIET,
            cwd=Path.home(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None
