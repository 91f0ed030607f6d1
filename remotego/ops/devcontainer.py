"""Dev container: remoteEnv in the devcontainer.json of a workspace, where there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from remotego.adapters.files import Original, read_file, replace_file, schema
from remotego.core.settings import Settings
from remotego.vscode.devcontainer import FILES, NoDevcontainerError, plan_devcontainer, remote_env
from remotego.vscode.difference import difference


@dataclass(frozen=True, slots=True)
class Container:
    """The ``block`` for remoteEnv, and what it does to a ``file``, if there is one; ``diff`` is () if it is there."""

    block: dict[str, str]
    file: Path | None = None
    diff: tuple[str, ...] = ()


def gen_devcontainer(
    directories: Sequence[str], variables: Mapping[str, str], original: Original | None, *, dry: bool
) -> Container:
    """Have directories in remoteEnv.PATH of a devcontainer.json, if there is one."""
    block = remote_env(directories, variables)
    if original is None or original.text is None:
        return Container(block)
    file = str(original.path)
    text = plan_devcontainer(original.text, directories, variables, schema("devcontainer"), file=file)
    if text != original.text and not dry:
        replace_file(original, text)
    return Container(block, original.path, difference(file, original.text, text))


def find_container(settings: Settings, named: str | None) -> Original | None:
    """Read the workspace's devcontainer.json, or the one ``named``; None where there is none.

    Raises NoDevcontainerError for one that is named and not there, UnfitFileError.
    """
    workspace = Path(settings.workspace)
    if named is None:
        originals = (read_file(workspace / name, within=workspace) for name in FILES)
        return next((one for one in originals if one.text is not None), None)
    original = read_file(Path(named), within=Path(named).parent)
    if original.text is None:
        raise NoDevcontainerError(named)
    return original
