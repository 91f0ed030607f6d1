"""Upstreams: hosts of the scripted internet, each a module proxy with one thing about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.golang.checksums import Signer, signer
from tests.goproxy.scripted import NOT_FOUND, PAGE, Answer, Request, Script

MOD = b'module "rsc.io/quote"\n\nrequire "rsc.io/sampler" v1.3.0\n'
SUM = "h1:LzX7hefJvL54yjefDEDHNONDjII0t9xZLPXsUe+TKr0="
"""What go.sum has for MOD."""

MOD_PATH = "/rsc.io/quote/@v/v1.5.2.mod"
SIGNER = signer("sums.example.com")
SUMDB = f"/sumdb/{SIGNER.name}"
ROOT = "BrRtpmPGzqwOB5FRl2AX3EuRLcfrBGsQvPWZxw1NVQ0="
"""Of a tree nobody has: the root is signed, and no tile is asked for."""


def lookup(size: int, signed_by: Signer = SIGNER, mod_sum: str = SUM) -> bytes:
    """Give a record of rsc.io/quote and a signed tree head behind it."""
    record = f"rsc.io/quote v1.5.2 {SUM}\nrsc.io/quote v1.5.2/go.mod {mod_sum}\n"
    return f"7\n{record}\n".encode() + signed_by.sign(f"go.sum database tree\n{size}\n{ROOT}\n")


def toolchains(*versions: str) -> bytes:
    """Give a list of golang.org/toolchain."""
    return "".join(f"v0.0.1-go{version}.linux-amd64\n" for version in versions).encode()


def shelf(**changed: Answer) -> Callable[[str], Answer]:
    """A proxy in order, by path; ``changed`` are answers by what they are to."""
    answers: Mapping[str, tuple[str, Answer]] = {
        "mod": (MOD_PATH, Answer(body=MOD)),
        "list": ("/golang.org/toolchain/@v/list", Answer(body=toolchains("1.26.4", "1.27.3"))),
        "supported": (f"{SUMDB}/supported", Answer()),
        "lookup": (f"{SUMDB}/lookup/rsc.io/quote@v1.5.2", Answer(body=lookup(1_000_000))),
    }
    by_path = {path: changed.get(name, answer) for name, (path, answer) in answers.items()}
    return lambda path: by_path.get(path, changed.get("rest", NOT_FOUND))


HOSTS: Mapping[str, tuple[str, Callable[[str], Answer]]] = {
    "good": ("good", shelf()),
    "gone": ("good", shelf(rest=Answer(410))),
    "moved": ("good", shelf(mod=Answer(302, to=f"https://good.example{MOD_PATH}"))),
    "behind": ("stale", shelf(list=Answer(body=toolchains("1.26.4")))),
    "shorter": ("stale", shelf(lookup=Answer(body=lookup(900_000)))),
    "nosums": ("no-sumdb", shelf(supported=NOT_FOUND, lookup=NOT_FOUND)),
    "page": ("web-page", lambda _: PAGE),
    "sly-page": ("web-page", lambda _: Answer(body=PAGE.body)),
    "portal": ("captive-portal", lambda _: Answer(302, to="http://portal.example/login")),
    "secure-portal": ("captive-portal", lambda _: Answer(302, to="https://page.example/login")),
    "login-wall": ("captive-portal", lambda _: Answer(511)),
    "wrong": ("wrong-bytes", shelf(mod=Answer(body=MOD + b"// more\n"))),
    "empty": ("wrong-bytes", shelf(mod=Answer())),
    "forged": ("wrong-bytes", shelf(lookup=Answer(body=lookup(1_000_000, signer("sums.example.com", seed=8))))),
    "other-sum": ("wrong-bytes", shelf(lookup=Answer(body=lookup(1_000_000, mod_sum=SUM.replace("Lz", "Lx"))))),
    "bare": ("lacks", lambda _: NOT_FOUND),
    "token": ("needs-token", lambda _: Answer(401)),
    "forbidden": ("forbidden", lambda _: Answer(403)),
    "busy": ("limited", lambda _: Answer(429)),
    "broken": ("failing", lambda _: Answer(503)),
    "half": ("failing", shelf(lookup=Answer(500))),
    "masking": ("hides-absence", shelf(rest=Answer(500))),
    "blind": ("hides-absence", shelf(rest=Answer(body=b"{}"))),
    "round": ("failing", lambda path: Answer(302, to=f"https://round.example{path}")),
    "reset": ("reset", lambda _: Answer(fault="reset")),
    "torn": ("cut", shelf(mod=Answer(body=MOD, fault="cut"))),
    "torn-sums": ("cut", shelf(lookup=Answer(body=lookup(1_000_000), fault="cut"))),
    "half-sums": ("failing", shelf(supported=Answer(500))),
}
"""By the first word of a host: the verdict on it, and its answers."""


def world(request: Request) -> Answer:
    """Answer as the host that is asked."""
    name = request.host.partition(".")[0]
    return HOSTS[name][1](request.path) if name in HOSTS else NOT_FOUND


SCRIPT: Script = world
