"""What differs between contexts."""

from hypothesis import given
from hypothesis import strategies as st

from remotego.host.comparison import ELLIPSIS, Group, compare, differing, shorten_paths
from remotego.host.contexts import Context, Contexts, Holder

PATHS = st.lists(st.lists(st.sampled_from(["/a", "/b", "/c", "/d"]), min_size=1, max_size=6).map(":".join), min_size=1)


def seen(*contexts: Context, holders: tuple[Holder, ...] = ()) -> Contexts:
    """Make Contexts."""
    return Contexts("u", "/h", "/bin/sh", contexts, holders)


def test_a_value_that_differs_has_its_places() -> None:
    """Also where it is not set; a context that could not be told has no part, a holder has."""
    all_of = seen(
        Context("ssh command", {"PATH": "/b", "GOPROXY": "x"}, "/b/go"),
        Context("login", {"PATH": "/b"}, "/b/go"),
        Context("systemd user", {}, None, error="not there"),
        holders=(Holder(7, "gopls", {"PATH": "/b", "GOPROXY": "x"}, "/b/go"),),
    )
    found = {one.name: one for one in compare(all_of)}
    assert (Group("x", ("ssh command", "gopls 7")), Group(None, ("login",))) == found["GOPROXY"].groups
    assert ("GOPROXY",) == differing(compare(all_of))


def test_only_what_differs_of_a_path_is_shown() -> None:
    """Runs of what all have are an ellipsis."""
    assert ("/x:…", "…:/y:…") == shorten_paths(["/x:/a:/b", "/a:/y:/b"])


def test_another_order_is_shown_whole() -> None:
    """There is nothing to leave out."""
    assert ("/a:/b", "/b:/a") == shorten_paths(["/a:/b", "/b:/a"])


@given(PATHS)
def test_what_not_all_have_is_always_shown(paths: list[str]) -> None:
    """And what all have is never, but where only the order differs."""
    lists = [path.split(":") for path in paths]
    common = set(lists[0]).intersection(*lists[1:])
    shown = [one.split(":") for one in shorten_paths(paths)]
    rest = [[entry for entry in one if entry not in common] for one in lists]
    kept = [[entry for entry in one if entry != ELLIPSIS and entry not in common] for one in shown]
    assert rest == kept
