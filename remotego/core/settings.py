"""Settings: what a user may preset, how its layers are put together, and where each value came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.core.options import OPTIONS, PER_HOST, fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(eq=False)
class SettingError(UsageError):
    """A setting that cannot be used. ``origin`` is a file and line, a variable or a flag."""

    origin: str
    key: str
    reason: str
    what = "{origin}: {key}: {reason}"
    remedy = "correct it there or take it out"


@dataclass(eq=False)
class TwoProcessesError(UsageError):
    """One layer names a process by name and by id."""

    process_origin: str
    pid_origin: str
    what = "a process is given by name ({process_origin}) and by id ({pid_origin})"
    remedy = "keep one of the two"


@dataclass(frozen=True, slots=True)
class Value:
    """A value, where it came from, and its ``rank``: the highest wins."""

    value: Any
    origin: str
    rank: int


@dataclass(frozen=True, slots=True)
class Layer:
    """Settings from one place. ``origins`` has the exact place of a key, ``origin`` stands for the rest.

    A key is a setting's name, or ``hosts.NAME.setting`` for one host alone.
    """

    origin: str
    values: Mapping[str, Any]
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its value; ``core.options`` says what they mean. None stands for "not given"."""

    hosts: tuple[str, ...] = ()
    process: str | None = None
    pid: int | None = None
    dlv_version: str = "auto"
    port: int = 23450
    ssh_config: str | None = None
    store: str | None = None
    parallel: int = 8
    go: str | None = None
    workspace: str = "."
    sources: Mapping[str, Value] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Name the place a setting's value came from; "default" if it was given nowhere."""
        return self.sources[name].origin if name in self.sources else "default"

    def of(self, host: str) -> Settings:
        """Give the settings for one host: its own table is stronger than the rest of the same layer."""
        chosen = dict(self.sources)
        for name in PER_HOST:
            own = self.sources.get(f"hosts.{host}.{name}")
            if own and (name not in chosen or own.rank > chosen[name].rank):
                chosen[name] = own
        return _settings(chosen)


def compose(layers: Sequence[Layer]) -> Settings:
    """Put layers together, the strongest first.

    Raises SettingError for an unknown key or a value that does not fit, TwoProcessesError when the
    strongest layer to name a process does so by name and by id; a weaker layer's other one is dropped.
    """
    sources: dict[str, Value] = {}
    for strength, layer in enumerate(reversed(layers)):
        for key, value in layer.values.items():
            origin = layer.origins.get(key, layer.origin)
            if reason := fault(key, value):
                raise SettingError(origin=origin, key=key, reason=reason)
            fixed = tuple(value) if isinstance(value, list) else value
            sources[key] = Value(fixed, origin, 2 * strength + key.startswith("hosts."))
    return _settings(sources)


def _settings(sources: dict[str, Value]) -> Settings:
    process, pid = sources.get("process"), sources.get("pid")
    if process and pid:
        if process.rank == pid.rank:
            raise TwoProcessesError(process_origin=process.origin, pid_origin=pid.origin)
        sources.pop("pid" if process.rank > pid.rank else "process")
    return Settings(**{name: sources[name].value for name in OPTIONS if name in sources}, sources=sources)
