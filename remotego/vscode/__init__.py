"""Files VS Code reads: pure text in, text out."""
