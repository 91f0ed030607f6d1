"""Checks as data: questions, what answers them, and what to do. Pure: facts in, findings out."""
