"""Use cases: gather facts, plan, apply."""
