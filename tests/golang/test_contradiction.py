"""What go says otherwise than a profile, and from where."""

import pytest

from remotego.golang.contradiction import Contradiction, contradictions, hides
from remotego.host.contexts import Context, Contexts, GoAnswer
from remotego.host.startup import Cause

FILE = "/h/.config/go/env"
WANTED = {"GOPROXY": "https://proxy.corp.example,off", "GOFLAGS": ""}


def answer(**user: tuple[int, str]) -> GoAnswer:
    """What go said; ``user`` are lines of its own file."""
    values = {"GOPROXY": user.get("GOPROXY", (0, "https://proxy.golang.org,direct"))[1], "GOFLAGS": ""}
    return GoAnswer(0, values, "", FILE, user, {"GOPROXY": (3, "https://proxy.golang.org,direct")})


def seen(*contexts: Context) -> Contexts:
    """Contexts of a login."""
    return Contexts("dev", "/h", "/bin/bash", contexts, ())


RIGHT = answer(GOPROXY=(1, WANTED["GOPROXY"]))


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ([Context("login", {}, "/go", answer=RIGHT)], ()),
        ([Context("login", {}, None)], ()),
        (
            [Context("login", {}, "/go", answer=answer())],
            (Contradiction("GOPROXY", WANTED["GOPROXY"], "https://proxy.golang.org,direct", ("login",), "/go.env:3"),),
        ),
        (
            [
                Context(name, {"GOPROXY": "x"}, "/go", {"GOPROXY": Cause("/h/.profile", 3, "tracing")}, answer=RIGHT)
                for name in ("login", "login-interactive")
            ],
            (Contradiction("GOPROXY", WANTED["GOPROXY"], "x", ("login", "login-interactive"), "/h/.profile:3"),),
        ),
        (
            [Context("login", {"GOFLAGS": "-v"}, "/go", answer=RIGHT)],
            (Contradiction("GOFLAGS", "", "-v", ("login",), "environment"),),
        ),
    ],
)
def test_contradictions(contexts: list[Context], expected: tuple[Contradiction, ...]) -> None:
    """By name, with the contexts where it is the same; what is not given may be whatever go has by itself."""
    assert expected == contradictions(seen(*contexts), WANTED)


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({}, False), ({"GOPROXY": ""}, False), ({"GOPROXY": WANTED["GOPROXY"]}, False), ({"GOPROXY": "x"}, True)],
)
def test_an_environment_that_hides_a_value(variables: dict[str, str], expected: bool) -> None:
    """An empty variable counts as not given."""
    assert expected is hides(variables, WANTED)
