"""Explaining: what in a workspace's editor files does nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from remotego.adapters.files import UnfitFileError, read_file
from remotego.ops.source_paths import NoWorkspaceError
from remotego.vscode.inert import FILES, WORKSPACE, Finding, inspect
from remotego.vscode.jsonc import Document, JsoncError, parse_jsonc
from remotego.vscode.recipes import CONTAINER
from remotego.vscode.workspacefile import SUFFIX

UNREAD = "unread-file"
"""The rule of a finding about a file that could not be looked at."""


def explain_workspace(folder: str) -> tuple[Finding, ...]:
    """Find inert recipes in a workspace, a folder or that of a workspace file, and files that cannot be read.

    Raises NoWorkspaceError.
    """
    named = Path(folder)
    workspace = named.parent if named.suffix == SUFFIX and named.is_file() else named
    if not workspace.is_dir():
        raise NoWorkspaceError(folder)
    unread: list[Finding] = []
    documents = {kind: _documents(workspace, names, unread) for kind, names in _files(workspace).items()}
    return tuple(sorted((*unread, *inspect(documents)), key=lambda one: (one.file, one.line, one.column)))


def inert_notes(folder: str) -> list[str]:
    """Give the findings as lines for people, but for files that cannot be read: whoever needs them will say so."""
    found = [finding for finding in explain_workspace(folder) if finding.rule != UNREAD]
    return [note for finding in found for note in describe_finding(finding)]


def describe_finding(finding: Finding) -> list[str]:
    """Say a finding in two lines, as a compiler would."""
    place = f"{finding.file}:{finding.line}:{finding.column}"
    said = f'"{finding.found}" does nothing here'
    if finding.rule == UNREAD:
        said = "this file cannot be read, and nothing in it was looked at"
    return [f"{place}: {said}: {finding.why}", f"  try: {finding.instead}"]


def _files(workspace: Path) -> dict[str, Iterable[str]]:
    """Name the files of each kind that there may be, below the workspace."""
    containers = [f".devcontainer/{name}/devcontainer.json" for name in _listed(workspace / ".devcontainer")]
    there = [name for name in containers if os.path.lexists(workspace / name)]
    names = [name for name in _listed(workspace) if name.endswith(SUFFIX)]
    return {**FILES, CONTAINER: (*FILES[CONTAINER], *there), WORKSPACE: names}


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _documents(workspace: Path, names: Iterable[str], unread: list[Finding]) -> list[Document]:
    """Read the files that are there and can be read, and note the others."""
    found = []
    for name in names:
        path = workspace / name
        try:
            text = read_file(path, within=workspace).text
            if text is not None:
                found.append(parse_jsonc(text, file=str(path)))
        except JsoncError as error:
            instead = "correct that place in an editor, and run the command again"
            unread.append(Finding(UNREAD, str(path), error.line, error.column, path.name, error.reason, instead))
        except UnfitFileError as error:
            unread.append(Finding(UNREAD, str(path), 1, 1, path.name, error.reason, error.remedy))
    return found
