"""Which sample services run where, as whom."""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Service:
    """A process of the lab: its name, the flavour of its binary, its user, and its loopback TCP port.

    ``traceable`` asks Yama to let any process of the same user attach.
    """

    name: str
    flavour: str
    user: str
    port: int
    traceable: bool = True


DEBUG = Service("ticker-debug", "debug", "dev", 7001)

SERVICES: Mapping[str, tuple[Service, ...]] = {
    "jump": (),
    "app": (
        DEBUG,
        Service("ticker-optimised", "optimised", "dev", 7002),
        Service("ticker-stripped", "stripped", "dev", 7003),
        Service("ticker-trimpath", "trimpath", "dev", 7004),
        Service("ticker-old", "old", "dev", 7005),
        Service("ticker-svc", "debug", "svc", 7006),
    ),
    "hardened": (DEBUG,),
    "tiny": (DEBUG,),
    "frail-jump": (),
    "frail": (),
    "vm": (replace(DEBUG, traceable=False),),
}


def render_services(services: tuple[Service, ...]) -> str:
    """The table that a host's entry point reads: name, user, port, traceable."""
    return "".join(f"{service.name} {service.user} {service.port} {int(service.traceable)}\n" for service in services)
