"""Go versions, builds and binaries: pure."""
