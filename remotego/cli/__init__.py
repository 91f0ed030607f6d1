"""Tasks, the command, and the only printer."""
