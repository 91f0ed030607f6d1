"""The task namespace. Any tasks.py can take it: ``from remotego.cli.ns import ns``."""

from __future__ import annotations

from invoke import Collection

from remotego.cli.debugging import debug, sessions, stop
from remotego.cli.deploying import deploy_dlv
from remotego.cli.hosts import config, hosts, undo
from remotego.cli.launching import gen_launch
from remotego.cli.ps import ps

VERBS = (deploy_dlv, ps, debug, gen_launch, sessions, stop, undo, hosts, config)

ns = Collection(*VERBS)
