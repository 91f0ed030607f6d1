"""Asking the gateway on a target for what proxies answer there (remotego/gateway/PROTOCOL.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from remotego.core.artifact import Artifact
from remotego.core.fact import Fact
from remotego.host.agent import Absent, Unusable, asking, read_ending

T = TypeVar("T")


def probed(
    gateways: Mapping[str, Artifact], order: str, read: Callable[[str], T], store: str | None = None
) -> Fact[T | Absent | Unusable]:
    """Have the gateway carry an order out; ``read`` gets its lines. ``gateways`` are as the agents of ``inventory``."""
    return Fact("probe", asking(gateways, store, "probe", order), lambda text: read_ending(text, read))
