"""A company's catalogue of SDKs."""

import json
import os
from pathlib import Path

import pytest

from remotego.adapters.catalogue import CatalogueError, read_catalogue
from remotego.adapters.configuration import UntrustedSettingsError

DIGEST = "h1:" + "A" * 43 + "="
PINS = {"1.26.6 linux/amd64": DIGEST, "1.27rc1 linux/arm64": "sha256:" + "0" * 64}


@pytest.mark.parametrize("name", ["sdks.json", "sdks.toml"])
def test_a_catalogue_is_json_or_toml(tmp_path: Path, name: str) -> None:
    """By its ending."""
    toml = "[pins]\n" + "".join(f'"{sdk}" = "{digest}"\n' for sdk, digest in PINS.items())
    (tmp_path / name).write_text(json.dumps({"pins": PINS}) if name.endswith("json") else toml)
    assert PINS == read_catalogue(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        json.dumps({"pins": {"1.26 linux/amd64": DIGEST}}),
        json.dumps({"pins": {"1.26.6 linux/amd64": "md5:1"}}),
        json.dumps({"pins": {}, "more": 1}),
        "[" * 100_000,
    ],
    ids=range(8),
)
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    """Whole, not in part: a digest with a mistake in it would vouch for nothing unnoticed."""
    (tmp_path / "sdks.json").write_text(text)
    with pytest.raises(CatalogueError, match="is no catalogue"):
        read_catalogue(tmp_path / "sdks.json")


def test_a_catalogue_that_others_may_write_is_refused(tmp_path: Path) -> None:
    """It says what may be installed."""
    (tmp_path / "sdks.json").write_text(json.dumps({"pins": PINS}))
    os.chown(tmp_path / "sdks.json", 12345, 12345)
    with pytest.raises(UntrustedSettingsError):
        read_catalogue(tmp_path / "sdks.json")
