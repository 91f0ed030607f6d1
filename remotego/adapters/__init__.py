"""The only rooms that touch the world; they know the core and nothing else."""
