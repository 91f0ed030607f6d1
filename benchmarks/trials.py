"""The contests there are: what a user waits for, against the plain tool that does the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks import f5
from benchmarks.channels import tunnel
from benchmarks.contest import Contender, Contest, CpuSeconds, WallAbove, WallRatio
from benchmarks.sample import Command, take
from benchmarks.site import COPY, FLEET, STORE, Site, site

DEPLOY = ("deploy-dlv", "--host", "app")
NOTHING = "nothing to do"
PARALLEL = 8
SDK = "1.26.6"
INSTALL = ("sdk.install", SDK, "--host", "app")
LISTING_CPU_S = 0.35
LINE_BYTES_PER_S = 12.5e6
SDK_PUSH = 1.2
SDK_AGAIN_S = 0.5
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


@contextmanager
def sdk(rtt_ms: float) -> Iterator[Contest]:
    """An SDK that is pushed, verified, unpacked and run, against plain tools with the same archive.

    Over a line of 100 Mbit/s that is ``scp``, which unpacks nothing: unpacking hides in the sending. Where the line is
    a loopback, and this one machine does the work of all, it is ``scp`` and then ``tar``, which do the same work.
    """
    with site(rtt_ms, LINE_BYTES_PER_S if rtt_ms else 0) as here:
        archive = _archive(here)
        copy = here.ssh("scp", str(archive), f"app:{COPY}")
        config, unpack = here.config, f"mkdir -p {STORE} && tar -C {STORE} -xzf {COPY}"
        by_hand = Command(("sh", "-c", f"scp -F {config} {archive} app:{COPY} && ssh -F {config} app '{unpack}'"))
        ours = Contender("invoke sdk.install", here.invoke(*INSTALL, proof="installed"), here.clear)
        plain = Contender("scp sdk.tar.gz app:", copy, here.clear)
        others = (plain,) if rtt_ms else (Contender("scp, then ssh tar -xzf", by_hand, here.clear), plain)
        line = f"RTT {rtt_ms:g} ms, 100 Mbit/s" if rtt_ms else "loopback"
        title = f"push an SDK, {archive.stat().st_size / 1e6:.1f} MB, {line}"
        yield Contest(title, (ours, *others), WallRatio(SDK_PUSH), here.proxy)


@contextmanager
def sdk_again(rtt_ms: float) -> Iterator[Contest]:
    """An SDK that is there already, against one ``ssh`` that only asks its go for its version."""
    with site(rtt_ms) as here:
        _archive(here)
        asked = here.ssh("ssh", "app", f"{STORE}/sdk/{SDK}/bin/go version", proof=SDK)
        yield Contest(
            f"install an SDK again, RTT {rtt_ms:g} ms",
            (
                Contender("invoke sdk.install", here.invoke(*INSTALL, proof=NOTHING)),
                Contender("ssh app sdk/bin/go version", asked),
            ),
            WallAbove(SDK_AGAIN_S),
            here.proxy,
        )


def _archive(here: Site) -> Path:
    """Have an SDK on app; where its archive is on this machine."""
    said = take(here.invoke(*INSTALL, "--json", proof='"ok": true')).said
    sha256 = json.loads(said)["hosts"][0]["sdk"]["archive"]
    return user_cache_path("remotego") / "artifacts" / "blobs" / str(sha256)


def _deploy(here: Site) -> Path:
    """Have dlv on app; where it is on this machine, as a file called by its hash."""
    said = take(here.invoke(*DEPLOY, "--json", proof='"ok": true')).said
    sha256 = json.loads(said)["hosts"][0]["dlv"]["sha256"]
    return user_cache_path("remotego") / "artifacts" / "blobs" / str(sha256)


def _tunnel(kind: str, rung: str, jump: bool, _rtt_ms: float) -> AbstractContextManager[Contest]:
    return tunnel(kind, rung, jump=jump)


TRIALS: Mapping[str, tuple[Callable[[float], AbstractContextManager[Contest]], Sequence[float]]] = {
    "warm": (warm, (0, 20)),
    "push": (push, (0, 20)),
    "fleet": (fleet, (0,)),
    "list": (listing, (0,)),
    "sdk": (sdk, (0, 20)),
    "sdk-again": (sdk_again, (0,)),
    "f5": (f5.near, (0,)),
    "f5-cold": (f5.cold, (0,)),
    **{
        f"{kind}-{rung}-{'jump' if jump else 'direct'}": (partial(_tunnel, kind, rung, jump), (0,))
        for kind in ("bulk", "dap", "ask")
        for rung in ("streamlocal", "relay")
        for jump in (False, True)
    },
}
"""Contests by name, and the round trips in ms each is held at."""
