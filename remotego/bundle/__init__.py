"""Bundles: what a workspace needs where there is no network, as a file tree that go takes for a proxy. Pure."""
