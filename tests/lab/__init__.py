"""The lab: hosts to test against, made on this machine and taken away again.

``python -m tests.lab up`` leaves one running; the pytest fixtures ``lab`` and ``vm`` start what they need.
"""
