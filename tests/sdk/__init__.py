"""SDKs of Go on hosts."""
