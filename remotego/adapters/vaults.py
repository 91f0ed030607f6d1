"""Vaults: programs and files of this machine that keep credentials, asked without ever prompting in this terminal.

What they print is a secret: nothing of it, nor of what they complain, gets into an error or a log.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from remotego.adapters.netrc import basic_auth
from remotego.core.secret import Secret

ANSWER_S = 60.0
"""A helper may show a window of its own; the one who waits on the target waits a little longer than this."""

_GH_USER = "x-access-token"
"""The user that forges take with a token."""

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
    """Ask GitHub's command for the token of a host."""
    if shutil.which("gh") is None:
        return "there is no gh here"
    said = _run(("gh", "auth", "token", "--hostname", netloc, *(("--user", user) if user else ())), "")
    return Secret(user or _GH_USER, said.strip()) if said and said.strip() else f"gh is not logged in to {netloc}"


def from_keyring(service: str, user: str) -> Secret | str:
    """Ask the system's keyring, where the package keyring is installed."""
    try:
        import keyring
    except ImportError:
        return "the package keyring is not installed (pip install keyring)"
    try:
        found = keyring.get_credential(service, user or None)
    except Exception as error:  # noqa: BLE001 - backends of third parties raise anything; its class tells no secret
        return f"the keyring fails with {type(error).__name__}"
    return Secret(found.username or user, found.password) if found else f"the keyring has nothing for {service!r}"


def from_netrc(netloc: str, environ: Mapping[str, str] = os.environ) -> Secret | str:
    """Look into ~/.netrc or the file of NETRC."""
    found = basic_auth(netloc, environ)
    return Secret(*found) if found else f"~/.netrc has nothing for {netloc}"


def _run(words: tuple[str, ...], text: str) -> str | None:
    """Run in the home, where no repository's settings count; None where it fails."""
    try:
        done = subprocess.run(
            words,
            input=text,
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            env=os.environ | _QUIET,
            cwd=Path.home(),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return None
    return done.stdout if done.returncode == 0 else None
