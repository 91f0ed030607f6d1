"""Which settings of a login are those in force, and which proxies they make candidates."""

import pytest

from remotego.core.settings import Layer, Settings, compose
from remotego.host.contexts import BOTH, COMMAND, NAMES, Context, Contexts, GoAnswer
from remotego.ops.probing import NoCandidateError, Wish, candidates, in_force


def login(**contexts: Context) -> Contexts:
    """A login with some contexts; the others are empty."""
    by_name = {one.name: one for one in contexts.values()}
    made = tuple(by_name.get(name, Context(name, {}, None)) for name in NAMES)
    return Contexts("dev", "/home/dev", "/bin/bash", made, ())


def answering(name: str, goproxy: str, **variables: str) -> Context:
    """A context that has a go."""
    answer = GoAnswer(0, {"GOPROXY": goproxy, "GOSUMDB": "off"}, "", "/home/dev/.config/go/env", {}, {})
    return Context(name, variables, "/opt/go/bin/go", answer=answer)


def test_terminals_come_before_commands() -> None:
    """What a person's terminal goes by is in force, HTTP proxies too; what is not set there is taken away."""
    found = in_force(
        login(
            one=answering(COMMAND, "https://command.example", HTTPS_PROXY="http://old:1"),
            two=answering(BOTH, "https://terminal.example,direct", https_proxy="http://new:1"),
        )
    )
    assert ("https://terminal.example,direct", BOTH, "http://new:1", "") == (
        found.goproxy,
        found.where,
        found.variables["https_proxy"],
        found.variables["HTTPS_PROXY"],
    )


def test_a_command_counts_where_terminals_have_no_go() -> None:
    """As with a PATH that only sshd's own start of a shell has."""
    assert COMMAND == in_force(login(one=answering(COMMAND, "off"))).where


def test_a_password_that_was_blotted_out_is_not_put_in_the_place_of_the_true_one() -> None:
    """The variable of the login itself stays, and that is said."""
    found = in_force(login(one=answering(BOTH, "off", HTTPS_PROXY="http://***@proxy:3128")))
    assert (False, True) == ("HTTPS_PROXY" in found.variables, "HTTPS_PROXY has a password" in found.notes[0])


def test_candidates_have_all_their_origins_and_no_login() -> None:
    """One that is named twice is asked once."""
    settings = compose([Layer("remotego.toml", {"profile.intranet.goproxy": ["https://a.example/", "off"]})])
    force = in_force(login(one=answering(BOTH, "https://***@a.example|https://b.example,direct")))
    found = candidates("app1", settings, Wish(("https://b.example",)), force)
    expected = {"https://b.example": ("--proxy", "GOPROXY"), "https://a.example": ("profile.intranet", "GOPROXY")}
    assert expected == found


def test_without_any_the_error_says_what_to_give() -> None:
    """Nothing is asked then."""
    with pytest.raises(NoCandidateError) as raised:
        candidates("app1", Settings(), Wish(), in_force(login()))
    assert "give --proxy URL" == raised.value.advice
