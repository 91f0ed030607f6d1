"""SSH through Fabric and paramiko, hardened: every host key checked, every wait bounded.

Importing this package costs nothing; paramiko and Fabric load when a connection is made.

Names and routes (``names``, ``settings``, ``tokens``, ``route``, ``routes``), scripts and streams (``session``,
``conversation``, ``exchange``, ``command``, ``stream``, ``transport``) and errors know nothing of paramiko:
``adapters.multiplex``, the other way to speak SSH, has a ``Line`` of its own and shares all of these.
"""
