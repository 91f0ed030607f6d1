"""Environment: a profile, tools and gopls as the settings by which an editor passes them on.

What reaches what (golang/vscode-go: src/goEnv.ts, src/language/goLanguageServer.ts; VS Code's documentation of
settings): ``go.toolsEnvVars`` reaches gopls and every go that the extension starts, and no terminal;
``terminal.integrated.env.*`` reaches terminals and tasks, so also the preLaunchTask of F5, and no extension
(seen in the real editor, tests/editor); ``go.alternateTools`` is how the extension finds a tool whatever PATH is.
Values are literal: settings.json knows no default for a variable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from remotego.core.tables import SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from remotego.golang.profile import Profile

_GOPLS = {"directory_filters": "build.directoryFilters", "build_flags": "build.buildFlags"}
_ANALYSES = "analyses."


def settings_of(profile: Profile, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give what settings.json shall hold; ``tables`` are those of remotego.toml called tools, gopls, terminal.*."""
    terminals = {f"terminal.integrated.env.{one}": dict(profile.variables) for one in SYSTEMS}
    for one in SYSTEMS:
        terminals[f"terminal.integrated.env.{one}"] |= tables.get(f"terminal.{one}", {})
    wanted: dict[str, Any] = {"go.toolsEnvVars": dict(profile.variables)}
    if tools := tables.get("tools"):
        wanted["go.alternateTools"] = dict(sorted(tools.items()))
    if gopls := _gopls(tables.get("gopls", {})):
        wanted["gopls"] = gopls
    return wanted | terminals


def _gopls(table: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {setting: list(table[name]) for name, setting in _GOPLS.items() if name in table}
    analyses = {key.removeprefix(_ANALYSES): on for key, on in sorted(table.items()) if key.startswith(_ANALYSES)}
    return found | ({"ui.diagnostic.analyses": analyses} if analyses else {})
