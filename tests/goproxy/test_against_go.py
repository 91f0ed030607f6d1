"""The model asks what real go asks, request for request: every failure, both separators, every setting."""

from pathlib import Path

import pytest

from remotego.goproxy.asking import GoImport
from remotego.goproxy.scenes import Question
from tests.golang.checksums import NAME, Server, signer
from tests.goproxy.realgo import compare, compare_all
from tests.goproxy.scenery import PRIVATE, PUBLIC, A, B, Scenery, Trouble

STATUSES = ("400", "401", "403", "404", "410", "429", "500", "502", "503")
TROUBLES = (*STATUSES, "page", "reset", "hang", "301", "302", "302 http")
PARTS = ("@v/list", ".info", ".mod", ".zip", "/supported", "/lookup/")
SEPARATORS = (",", "|")

QUESTIONS = (
    Question("download", PUBLIC, "v1.0.0"),
    Question("get", f"{PUBLIC}/sub"),
    Question("download", PUBLIC, "v9.9.9"),
    Question("get", PRIVATE, "v1.0.0"),
)
"""A version that is there, the newest, one that nobody has, and a private one whose proxies must stay silent."""

ORIGIN = {PRIVATE: GoImport(PRIVATE, "mod", "https://proxy.corp.example")}


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("kind", TROUBLES)
def test_whatever_the_first_proxy_does(tmp_path: Path, database: Server, kind: str, separator: str) -> None:
    """Who is asked next, and how go ends."""
    scenery = Scenery(database, (Trouble("a.example", kind),), ORIGIN)
    values = {"GOPROXY": f"{A}{separator}{B},direct", "GOPRIVATE": "*.corp.example"}
    said, done = compare_all(tmp_path, QUESTIONS, scenery, values)
    assert said == done


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("kind", ["404", "500", "page"])
@pytest.mark.parametrize("part", PARTS)
def test_whatever_file_the_first_proxy_fails_at(
    tmp_path: Path, database: Server, part: str, kind: str, separator: str
) -> None:
    """Each file is asked of every place anew; sums, zips and lists each end in their own way."""
    scenery = Scenery(database, (Trouble("a.example", kind, part),))
    found = compare(tmp_path, Question("get", f"{PUBLIC}/sub"), scenery, {"GOPROXY": f"{A}{separator}{B},off"})
    assert found.said == found.done
