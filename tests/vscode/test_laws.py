"""Laws of editing, on documents made at random; `invoke fuzz` has as many of them as one likes."""

from random import Random

import pytest

from tests.fuzz.jsonc import broken_document, is_same, trial
from tests.vscode.documents import KINDS, document
from tests.vscode.laws import broken_laws
from tests.vscode.oracle import LIMITS, recorded

DOCUMENTS = 3000
SHARES = 6


@pytest.mark.parametrize("share", range(SHARES))
def test_edits_keep_to_the_laws(share: int) -> None:
    """What the user wrote is kept byte for byte, ours is as meant, a second run changes nothing, removal undoes."""
    seeds = range(share, DOCUMENTS, SHARES)
    assert {} == {seed: broken for seed in seeds if (broken := broken_laws(document(seed)))}


def test_a_broken_document_is_refused_by_place_or_edited_by_the_laws() -> None:
    """Files that something went wrong with: most cannot be read, and some of the others are odd."""
    taken = [seed for seed in range(DOCUMENTS) if trial(broken_document(seed), Random(seed))]
    assert DOCUMENTS / 10 < len(taken) < DOCUMENTS


def test_every_text_is_read_as_vscode_reads_it() -> None:
    """What its parser takes we take, as the same value, and nothing else; it was asked when the record was made."""
    assert [] == [text for text, taken, value in recorded() if not is_same(text, taken, value, LIMITS)]


def test_the_record_has_texts_that_are_refused_and_texts_that_are_not() -> None:
    """A record of one kind would prove nothing."""
    assert {True, False} == {taken for _, taken, _ in recorded()}


def test_the_documents_are_of_every_kind() -> None:
    """No kind of file is left out of the laws."""
    assert set(KINDS) == {document(seed).kind for seed in range(100)}


def test_a_number_always_makes_the_same_document() -> None:
    """A failure can be looked at again."""
    assert document(7) == document(7)
