"""What we keep here of a host's proxy: its token, a netrc for its owner alone, and the certificate to trust."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

from remotego.adapters.files import Original, read_file, remove_file, replace_file


def folder_of(name: str) -> Path:
    """Where that is for a host; names of hosts may be anything."""
    import platformdirs

    plain = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in name)[:60]
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return platformdirs.user_config_path("remotego") / "proxies" / f"{plain}-{digest}"


def token_file(name: str) -> Path:
    """Where the token is: point NETRC to it, or copy its lines into ~/.netrc."""
    return folder_of(name) / "netrc"


def new_token_file(name: str) -> Path:
    """Where one is that its host does not take yet."""
    return folder_of(name) / "netrc.new"


def trust_folder(name: str) -> Path:
    """A directory of one certificate, for SSL_CERT_DIR."""
    return folder_of(name) / "trust"


def read_token(path: Path) -> str:
    """Give the text of such a file, "" where there is none. Raises what ``read_file`` raises."""
    return _read(path).text or ""


def write_token(path: Path, text: str) -> None:
    """Write it, if it is another one, for its owner alone. Raises UnwritableFileError."""
    original = _read(path)
    if original.text != text:
        replace_file(original, text, private=True)


def drop_new_token(name: str) -> None:
    """Remove the one that its host did not take yet. Raises UnwritableFileError."""
    remove_file(_read(new_token_file(name)))


def write_trust(name: str, pem: str) -> None:
    """Write the certificate, if it is another one. Raises UnwritableFileError."""
    original = _read(trust_folder(name) / "ca.crt")
    if original.text != pem:
        replace_file(original, pem, private=True)


def drop_trust(name: str, pem: str) -> None:
    """Remove the certificate, if it is this one. Raises UnwritableFileError."""
    original = _read(trust_folder(name) / "ca.crt")
    if original.text is not None and original.text == pem:
        remove_file(original)


def drop_token(name: str) -> None:
    """Remove the one that clients here use. Raises UnwritableFileError."""
    remove_file(_read(token_file(name)))


def drop_folders(name: str) -> None:
    """Remove the directories of a host, where nothing is in them any more."""
    for folder in (trust_folder(name), folder_of(name)):
        with suppress(OSError):  # another proxy of the host has something in it, or it was never made
            folder.rmdir()


def _read(path: Path) -> Original:
    return read_file(path, within=Path(path.absolute().anchor))
