"""Delve: which version for which Go, its command line, its sessions: pure."""
