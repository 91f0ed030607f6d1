"""What the tests of this room share."""

from tests.modgraph.lab import modlab

__all__ = ["modlab"]
