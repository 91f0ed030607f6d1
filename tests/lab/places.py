"""Where the lab keeps things on the controller."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import platformdirs

CHECKOUT = Path(__file__).resolve().parents[2]
LAB = CHECKOUT / "tests" / "lab"
COMPOSE_FILE = CHECKOUT / "docker-compose.test.yml"


def cache() -> Path:
    """A directory for what is dear to make and safe to lose: ``$XDG_CACHE_HOME/remotego-lab``."""
    return platformdirs.user_cache_path("remotego-lab", ensure_exists=True)


def checkout_id() -> str:
    """A short name for this checkout, so that two of them can have a lab each."""
    return digest([str(CHECKOUT).encode()])[:8]


def files_under(folder: Path) -> list[Path]:
    """Every file below ``folder``, sorted by path."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def digest(parts: Iterable[bytes]) -> str:
    """SHA-256 in hexadecimal over ``parts``, each kept apart from the next by its length."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def digest_of(folder: Path, *more: str) -> str:
    """SHA-256 over the names and bytes of the files below ``folder``, and over ``more``."""
    named = (
        part for path in files_under(folder) for part in (str(path.relative_to(folder)).encode(), path.read_bytes())
    )
    return digest([*named, *(word.encode() for word in more)])
