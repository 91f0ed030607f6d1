"""Reading back what our own files name."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remotego.host.envtext import Named, directories_named, fish_text, sh_text

FORMS = pytest.mark.parametrize("form", [sh_text, fish_text])
PATHS = st.text(st.characters(codec="ascii", categories=["L", "N"], include_characters=" ./-_()&;*#~"), min_size=1).map(
    lambda text: f"/{text}"
)


@FORMS
@given(first=st.none() | PATHS, others=st.lists(PATHS, max_size=3, unique=True))
def test_what_we_write_is_read_back(
    form: Callable[[str | None, Sequence[str]], str], first: str | None, others: list[str]
) -> None:
    """The directories in their order, none in front among them."""
    assert Named(first, tuple(others)) == directories_named(form(first, others))


@FORMS
def test_what_somebody_has_changed_names_nothing(form: Callable[[str | None, Sequence[str]], str]) -> None:
    """One more line is enough."""
    assert directories_named(f"{form('/opt/go/bin', ())}PATH=$PATH:/oops\n") is None
