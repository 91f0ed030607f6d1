"""Faults on purpose: in every state of a session, whatever breaks, the debugged process runs on whole."""
