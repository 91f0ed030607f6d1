"""Hosts that get bundles: real shells of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.ops.bundle.apply import Applied, apply_bundle
from remotego.ops.bundle.shipping import Shipment, shipping
from remotego.ops.bundle.verify import Trust
from tests.bundle.site import OURS, verified
from tests.ops.local_transport import LocalTransport
from tests.sdk.test_local import Here

SETTINGS = Settings()


@contextmanager
def shipped(*places: Path, dry: bool = False) -> Iterator[Shipment]:
    """Bundles, the newest first, as who knows their digest ships them."""
    whole = verified(*places)
    with shipping(whole, Trust(OURS.vkey, whole.manifest.digest), Silence(), dry=dry) as shipment:
        yield shipment


def put(local: LocalTransport, shipment: Shipment, *, keep_env: bool = False, dry: bool = False) -> Applied:
    """Apply to this machine."""
    return apply_bundle(Here(local), "here", shipment, SETTINGS, Silence(), keep_env=keep_env, dry=dry)
