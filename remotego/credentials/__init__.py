"""Credentials: who may be given which, as references and rules; a secret passes through and is never shown."""
