"""Use cases about the modules of a workspace: what is wrong with them, edits that were tried, their graph."""
