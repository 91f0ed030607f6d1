"""A company's catalogue: a file with the digests of the SDKs it allows, TOML or JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.configuration import check_trust
from remotego.adapters.files import schema
from remotego.core.errors import UsageError

_CAP_BYTES = 4 << 20


@dataclass(eq=False)
class CatalogueError(UsageError):
    """A catalogue that cannot be used."""

    file: str
    reason: str
    what = "{file} is no catalogue of SDKs: {reason}"
    remedy = 'it has a table [pins] with lines such as "1.26.6 linux/amd64" = "h1:..."; see sdk-catalogue.schema.json'


def read_catalogue(path: Path) -> dict[str, str]:
    """Give the digests by release and platform. Raises CatalogueError, UntrustedSettingsError for someone else's."""
    import tomllib

    from jsonschema import Draft202012Validator

    try:
        check_trust(path)
        with path.open("rb") as file:
            text = file.read(_CAP_BYTES).decode()
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise CatalogueError(str(path), getattr(error, "strerror", None) or str(error)) from error
    faults = Draft202012Validator(schema("sdk-catalogue")).iter_errors(data)
    if fault := next(faults, None):
        raise CatalogueError(str(path), fault.message[:300])
    return dict(data["pins"])
