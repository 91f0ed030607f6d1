"""Nouns of the whole tool; standard library only."""
