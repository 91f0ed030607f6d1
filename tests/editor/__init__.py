"""The real editor in the loop: code-server in Chromium, and what a person does there."""
