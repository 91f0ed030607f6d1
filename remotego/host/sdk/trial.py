"""A trial of an SDK on a target: it compiles a program there, which runs; and the mark of one that is damaged."""

from __future__ import annotations

from remotego.core.transport import Script
from remotego.host.scripts import assign, read
from remotego.host.sdk.layout import MANIFEST, NOTE, damage_of, folder, path_of

_PROGRAM = """\
package main

import "runtime"

func main() { println(runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH) }
"""

_TRIAL = """\
room=$above/.$(date +%s)-$nonce-trial
trap 'discard "$room"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -m 700 "$room" "$room/home" && printf '%s' "$program" > "$room/main.go" || exit 1
mkdir -p "$room/home/go/telemetry" && echo 'off 2026-01-01' > "$room/home/go/telemetry/mode" || exit 1
(
  neutral "$room/home"
  cd "$room" && "$dir/bin/go" build -o trial main.go </dev/null && ./trial 2>&1 </dev/null
)
"""


def render_trial(version: str, root: str, nonce: str) -> Script:
    """Compile a program with an SDK and run it: it prints the version it was built by and its platform.

    Nothing of the environment steers it, nothing is fetched, and what it writes goes away with its room.
    """
    words = {"dir": path_of(version, root), "above": folder(root), "nonce": nonce, "program": _PROGRAM}
    names = {"note_name": NOTE, "manifest": MANIFEST}
    return Script("\n".join([assign(words | names), read("sdk/trees"), _TRIAL]))


def render_mark(version: str, root: str, fault: str) -> Script:
    """Note that an SDK is damaged, for who lists or installs it later; "" takes the note away."""
    words = assign({"mark": damage_of(version, root), "fault": fault})
    if not fault:
        return Script(f'{words}\nrm -f -- "$mark"')
    return Script(f'{words}\nprintf "%s\\n" "$fault" > "$mark.$$" && mv -f -- "$mark.$$" "$mark"')
