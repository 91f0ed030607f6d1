"""ssh_config of our own: blocks for the team's machines, what the user's own file says of them, and where they go."""
