"""Fuzzing: what is read from files that others write, given what nobody would write."""
