"""Use cases of credentials: lend them to git and go on a host, and prove that a private module comes."""
