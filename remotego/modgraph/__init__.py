"""Modules: what the graph of a workspace's modules says, what is wrong in it, and what would put it right. Pure."""
