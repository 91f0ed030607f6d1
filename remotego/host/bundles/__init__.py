"""Bundles on a target: directories that go takes for a proxy."""
