"""SSH through Fabric and paramiko, hardened: every host key checked, every wait bounded.

Importing this package costs nothing; paramiko and Fabric load when a connection is made.
"""
