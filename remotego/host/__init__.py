"""What a target is like and what changes there: pure planners and parsers."""
