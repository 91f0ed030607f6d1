"""SSH by the user's own ``ssh`` program, for what only that can do: FIDO keys, GSSAPI, host certificates, Match exec.

One master process a hop signs in and keeps the connection; scripts and streams go through its private
control socket. Names are resolved, errors are worded and scripts are spoken with as in ``adapters.ssh``.
"""
