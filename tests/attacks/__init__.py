"""Two accounts on the same hosts: what the other one tries against a debug session. Every attack has a control,
the same thing done by the owner, that works: an attack that fails for a trivial reason would prove nothing.
"""
