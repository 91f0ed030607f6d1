"""A module proxy of our own for people and as JSON: how it is, what its clients need, what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remotego.goproxy.installed import ProxyState
    from remotego.goproxy.server import ClientSettings
    from remotego.ops.proxying import DeployedProxy


def line(state: ProxyState) -> str:
    """Say in a line how it is."""
    cut = ", offline" if state.offline else ""
    return f"looked after by {_supervisor(state)}, {state.size_bytes / 1e6:.0f} MB in its cache{cut}"


def _supervisor(state: ProxyState) -> str:
    return {"user": "systemd", "plain": "its own keeper"}.get(state.supervisor, "nobody")


def needs_of_clients(host: str, done: DeployedProxy) -> list[str]:
    """Say what clients need, and what ends it."""
    lines = assignments(done.client)
    if done.token_file is not None:
        lines.append(f"NETRC={done.token_file}")
    return lines + warnings(host, done.state)


def assignments(client: ClientSettings) -> list[str]:
    """Write the variables of clients."""
    return [f"{name}={value}" for name, value in client.variables.items()]


def tokens(state: ProxyState) -> list[str]:
    """Say that clients need a token, where they do."""
    return ["a token, too: deploy-proxy has said in which NETRC"] if state.tokens else []


def warnings(host: str, state: ProxyState) -> list[str]:
    """Say what ends it, and what to do then."""
    if state.lingers == "no":
        return ["it ends with your last login there; `sudo loginctl enable-linger` lets it go on, and begin at boot"]
    if state.supervisor == "plain":
        from remotego.goproxy.standing import render_command

        again = render_command(host, state)
        return [f"nothing starts it anew when the machine boots; run this again then: {again}"]
    return []


def document_proxy(state: ProxyState) -> dict[str, Any] | None:
    """Give it as JSON; None where there is none."""
    if not state.there:
        return None
    return {
        "place": state.place,
        "listen": state.config.get("listen") if isinstance(state.config, dict) else None,
        "program": state.program,
        "supervisor": state.supervisor,
        "keeper_pid": state.keeper,
        "server_pid": state.server,
        "healthy": not state.health,
        "fault": state.health or None,
        "offline": state.offline,
        "tokens": len(state.tokens),
        "certificate_sha256": state.cert_sha256 or None,
        "lingers": {"yes": True, "no": False}.get(state.lingers),
        "cache_bytes": state.size_bytes,
    }


def document_client(client: ClientSettings, done: DeployedProxy | None = None) -> dict[str, Any]:
    """Give what clients need as JSON."""
    file = done.token_file if done else None
    return {"url": client.url, "variables": client.variables, "netrc": str(file) if file else None}
