"""Settings: what a user may preset, how its layers are put together, and where each value came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from remotego.core.errors import UsageError
from remotego.core.options import OPTIONS, PER_HOST, SELECTORS, fault, seconds
from remotego.core.tables import fault_in_table, is_of_a_table, secret_in

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
class SecretSettingError(SettingError):
    """A URL with a user or a password in it: settings are written in clear, into files that others read."""

    what = "{origin}: {key}: {reason}"
    remedy = (
        "take it out; for a module proxy go reads it from ~/.netrc, or asks the program that GOAUTH names "
        "(`go help goauth`); a variable such as HTTPS_PROXY can be set by your shell's own start-up files"
    )


@dataclass(eq=False)
class TwoProcessesError(UsageError):
    """One layer names a process in several ways."""

    ways: str
    what = "a process is named in several ways: {ways}"
    remedy = "keep one of them"


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
    port: int | None = None
    unit: str | None = None
    dlv_version: str = "auto"
    local_port: int = 23450
    lease: str | float = "10s"
    max_pause: str | float = 0
    hold: bool = False
    detach_on_exit: bool = True
    channel: str = "auto"
    ssh_config: str | None = None
    transport: str = "fabric"
    store: str | None = None
    ptrace: str = "auto"
    parallel: int = 8
    go: str | None = None
    remote_go: str | None = None
    workspace: str = "."
    sdk_mirror: str | None = None
    sdk_catalogue: str | None = None
    client: str = "auto"
    sources: Mapping[str, Value] = field(default_factory=dict)

    def origin(self, name: str) -> str:
        """Name the place a setting's value came from; "default" if it was given nowhere."""
        return self.sources[name].origin if name in self.sources else "default"

    @property
    def lease_s(self) -> float:
        """How long a session outlives the last sign of life of its controller, in seconds."""
        return seconds(self.lease) or 0.0

    @property
    def max_pause_s(self) -> float:
        """How long a process may stand still in a session, in seconds; 0 is no limit."""
        return seconds(self.max_pause) or 0.0

    def table(self, name: str) -> dict[str, Any]:
        """Give the settings of a table of remotego.toml, such as ``tools`` or ``profile.mixed``, by their names."""
        prefix = f"{name}."
        return {key.removeprefix(prefix): one.value for key, one in self.sources.items() if key.startswith(prefix)}

    @property
    def names_process(self) -> bool:
        """Whether any process is named."""
        return any(getattr(self, name) is not None for name in SELECTORS)

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
    strongest layer to name a process does so in several ways; a weaker layer's other ones are dropped.
    """
    sources: dict[str, Value] = {}
    for strength, layer in enumerate(reversed(layers)):
        for key, value in layer.values.items():
            origin = layer.origins.get(key, layer.origin)
            if secret_in(key, value):
                raise SecretSettingError(origin=origin, key=key, reason="a URL here has a user, a password or a query")
            if reason := fault_in_table(key, value) if is_of_a_table(key) else fault(key, value):
                raise SettingError(origin=origin, key=key, reason=reason)
            fixed = tuple(value) if isinstance(value, list) else value
            sources[key] = Value(fixed, origin, 2 * strength + key.startswith("hosts."))
    return _settings(sources)


def _settings(sources: dict[str, Value]) -> Settings:
    given = {name: sources[name] for name in SELECTORS if name in sources}
    strongest = max((value.rank for value in given.values()), default=0)
    ways = [f"{name} ({value.origin})" for name, value in given.items() if value.rank == strongest]
    if len(ways) > 1:
        raise TwoProcessesError(", ".join(ways))
    for name, value in given.items():
        if value.rank < strongest:
            del sources[name]
    return Settings(**{name: sources[name].value for name in OPTIONS if name in sources}, sources=sources)
