"""Settings of go with their origins."""

import pytest

from remotego.golang.goenv import DEFAULT, ENVIRONMENT, FILE, ROOT, Setting, settings
from remotego.host.contexts import Context, GoAnswer

FILE_PATH = "/h/.config/go/env"


def answer(*, code: int = 0, file: str = FILE_PATH, **values: str) -> GoAnswer:
    """What go said, with a go env file and a GOROOT/go.env that each give GOPROXY, GOROOT and GOSUMDB a value."""
    user = {"GOPROXY": (3, "user"), "GOROOT": (4, "user")}
    root = {"GOPROXY": (1, "root"), "GOSUMDB": (2, "root"), "GOTOOLCHAIN": (9, "auto")}
    return GoAnswer(code, {"GOROOT": "/go", **values}, "", file, user, root)


def found(name: str, said: GoAnswer, **variables: str) -> Setting | None:
    """One setting."""
    all_of = settings(Context("login", variables, "/go/bin/go", answer=said))
    return next((one for one in all_of if one.name == name), None)


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (found("GOPROXY", answer(), GOPROXY="x"), Setting("GOPROXY", "x", ENVIRONMENT, masks="user")),
        (found("GOPROXY", answer(), GOPROXY="user"), Setting("GOPROXY", "user", ENVIRONMENT)),
        (found("GOPROXY", answer(GOPROXY="user")), Setting("GOPROXY", "user", FILE, place=f"{FILE_PATH}:3")),
        (found("GOSUMDB", answer(GOSUMDB="root")), Setting("GOSUMDB", "root", ROOT, place="/go/go.env:2")),
        (found("GOROOT", answer()), Setting("GOROOT", "/go", DEFAULT)),
        (found("GOTOOLCHAIN", answer(GOTOOLCHAIN="local")), Setting("GOTOOLCHAIN", "auto", ROOT, place="/go/go.env:9")),
        (found("GOENV", answer(GOENV="x")), Setting("GOENV", FILE_PATH, DEFAULT)),
        (found("GOPATH", answer(GOPATH="/p")), Setting("GOPATH", "/p", DEFAULT)),
        (found("GOAUTH", answer()), None),
    ],
)
def test_a_setting_has_its_origin(setting: Setting | None, expected: Setting | None) -> None:
    """The environment before the file, the file before GOROOT's, that before what is built in."""
    assert expected == setting


def test_a_go_without_a_toolchain_anywhere_stays() -> None:
    """What it was made to say is not taken for its own."""
    said = GoAnswer(0, {"GOTOOLCHAIN": "local"}, "", FILE_PATH, {}, {})
    assert Setting("GOTOOLCHAIN", "local", DEFAULT) == found("GOTOOLCHAIN", said)


def test_no_go_has_no_settings() -> None:
    """Nothing is made up."""
    assert () == settings(Context("login", {}, None))
