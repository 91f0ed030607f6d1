"""Profiles in force: a workspace and its hosts turned from one network to another, and back."""
