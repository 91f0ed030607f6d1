"""SDKs of Go: where they come from, why they are trusted, and how they get to hosts and to this machine."""
