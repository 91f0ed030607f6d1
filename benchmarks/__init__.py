"""Benchmarks: remotego against ssh and scp, whole processes, on the lab. Run ``python -m benchmarks``."""
