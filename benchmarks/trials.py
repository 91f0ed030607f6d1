"""The contests there are: what a user waits for, against the plain tool that does the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.contest import Contender, Contest, CpuSeconds, WallRatio
from benchmarks.sample import Command, take
from benchmarks.site import COPY, FLEET, STORE, Site, site

DEPLOY = ("deploy-dlv", "--host", "app")
NOTHING = "nothing to do"
PARALLEL = 8
LISTING_CPU_S = 0.35
NEAR_PUSH, FAR_PUSH = 1.0, 0.7
"""Bounds for pushing, against scp: close to the jump host, and far away, where round trips and bytes cost."""


@contextmanager
def warm(rtt_ms: float) -> Iterator[Contest]:
    """The second deploy, which finds nothing to do, against one ``ssh`` that hashes the same file."""
    with site(rtt_ms) as here:
        dlv = _deploy(here)
        remote = f"{STORE}/store/dlv-{dlv.name}"
        yield Contest(
            f"deploy again, RTT {rtt_ms:g} ms",
            (
                Contender("invoke deploy-dlv --host app", here.invoke(*DEPLOY, proof=NOTHING)),
                Contender("ssh app sha256sum FILE", here.ssh("ssh", "app", f"sha256sum {remote}", proof=dlv.name)),
            ),
            WallRatio(1.0),
            here.proxy,
        )


@contextmanager
def push(rtt_ms: float) -> Iterator[Contest]:
    """The first deploy, which pushes, verifies and runs dlv, against ``scp`` of the same file."""
    with site(rtt_ms) as here:
        dlv = _deploy(here)
        yield Contest(
            f"push {dlv.stat().st_size / 1e6:.1f} MB, RTT {rtt_ms:g} ms",
            (
                Contender("invoke deploy-dlv --host app", here.invoke(*DEPLOY, proof="pushed"), here.clear),
                Contender("scp dlv app:", here.ssh("scp", str(dlv), f"app:{COPY}"), here.clear),
            ),
            WallRatio(FAR_PUSH if rtt_ms else NEAR_PUSH),
            here.proxy,
        )


@contextmanager
def fleet(rtt_ms: float) -> Iterator[Contest]:
    """Several hosts behind one jump host at once, against as many ``ssh`` at once, and against one by one."""
    with site(rtt_ms) as here:
        names = tuple(word for name in FLEET for word in ("--host", name))
        deploy = ("deploy-dlv", *names, "--parallel")
        take(here.invoke(*deploy, str(PARALLEL), proof="app"))
        many = f"printf '%s\\n' {' '.join(FLEET)} | xargs -P {PARALLEL} -I@ ssh -F {here.config} @ true"
        yield Contest(
            f"deploy again to {len(FLEET)} hosts, RTT {rtt_ms:g} ms",
            (
                Contender(f"invoke, {PARALLEL} at once", here.invoke(*deploy, str(PARALLEL), proof=NOTHING)),
                Contender(f"ssh HOST true, {PARALLEL} at once", Command(("sh", "-c", many))),
                Contender("invoke, one by one", here.invoke(*deploy, "1", proof=NOTHING)),
            ),
            WallRatio(1.0),
        )


@contextmanager
def listing(rtt_ms: float) -> Iterator[Contest]:
    """``invoke --list``, which uses no network."""
    with site(rtt_ms) as here:
        yield Contest(
            "list the tasks",
            (Contender("invoke --list", here.invoke("--list", proof="deploy-dlv")),),
            CpuSeconds(LISTING_CPU_S),
        )


def _deploy(here: Site) -> Path:
    """Have dlv on app; where it is on this machine, as a file called by its hash."""
    said = take(here.invoke(*DEPLOY, "--json", proof='"ok": true')).said
    sha256 = json.loads(said)["hosts"][0]["dlv"]["sha256"]
    return user_cache_path("remotego") / "artifacts" / "blobs" / str(sha256)


TRIALS: Mapping[str, tuple[Callable[[float], AbstractContextManager[Contest]], Sequence[float]]] = {
    "warm": (warm, (0, 20)),
    "push": (push, (0, 20)),
    "fleet": (fleet, (0,)),
    "list": (listing, (0,)),
}
"""Contests by name, and the round trips in ms each is held at."""
