"""Servers of editors, and gopls, that hold the environment they were started with: how old they are, and their end.

An editor starts its server anew when its window connects again. A process is known by its number and its start, so
that a number which has passed on to another is never ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remotego.core.fact import Fact

GRACE_S = 10
"""A server that has been asked to end is waited for so long."""

_STARTS = """\
tick=$(getconf CLK_TCK 2>/dev/null) || tick=100
read -r up rest < /proc/uptime
printf 'now=%s\\t%s\\n' "$up" "$tick"
for dir in /proc/[0-9]*; do
  [ -O "$dir" ] && stat=$(cat "$dir/stat" 2>/dev/null) || continue
  set -f; set -- ${stat##*) }; set +f
  [ "$#" -lt 20 ] || printf 'pid=%s\\t%s\\n' "${dir#/proc/}" "${20}"
done
true
"""

_END = """\
lives() {
  [ -O "/proc/$1" ] && stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  pid=$1 started=$2; set -f; set -- ${stat##*) }; set +f
  [ "$1" != Z ] && [ "${20}" = "$started" ]
}
told=
for one in $processes; do
  lives "${one%:*}" "${one#*:}" && kill -TERM "${one%:*}" 2>/dev/null && told="$told $one" || echo "gone=${one%:*}"
done
until=$(($(date +%s) + grace_s))
for one in $told; do
  while lives "${one%:*}" "${one#*:}" && [ "$(date +%s)" -lt "$until" ]; do sleep 0.1 2>/dev/null || sleep 1; done
  if lives "${one%:*}" "${one#*:}"; then echo "stays=${one%:*}"; else echo "ended=${one%:*}"; fi
done
"""


@dataclass(frozen=True, slots=True)
class Start:
    """When a process has started: in ``ticks`` after the boot of its machine, which is ``age_s`` seconds ago."""

    ticks: int
    age_s: float


def starts() -> Fact[Mapping[int, Start]]:
    """Ask when each of the login's own processes has started, by its number."""
    return Fact("starts of processes", _STARTS, _parse)


def end(processes: Sequence[tuple[int, Start]], *, grace_s: int = GRACE_S) -> Fact[Mapping[int, str]]:
    """End processes of the login, each if it still is the one it was; say what became of each within ``grace_s``.

    That is "ended", "gone" (it was not there any more) or "stays" (SIGTERM has not moved it).
    """
    words = " ".join(f"{pid}:{start.ticks}" for pid, start in processes)
    return Fact("end of servers", f"processes='{words}' grace_s={grace_s}\n{_END}", _parse_ends)


def _parse(text: str) -> Mapping[int, Start]:
    rows = [(key, *rest.partition("\t")[::2]) for key, _, rest in (line.partition("=") for line in text.split("\n"))]
    up_s, tick = next(((float(up), int(tick)) for key, up, tick in rows if key == "now"), (0.0, 0))
    if not tick:
        raise ValueError("it does not tell the time since its boot")
    return {int(pid): Start(int(ticks), max(0.0, up_s - int(ticks) / tick)) for key, pid, ticks in rows if key == "pid"}


def _parse_ends(text: str) -> Mapping[int, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {int(pid): key for key, _, pid in pairs if key in ("ended", "gone", "stays")}
