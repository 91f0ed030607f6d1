"""Bundles: made here of what a workspace needs, verified without a network, and put on hosts."""
