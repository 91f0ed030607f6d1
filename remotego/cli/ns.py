"""The task namespace. Any tasks.py can take it: ``from remotego.cli.ns import ns``."""

from __future__ import annotations

from invoke import Collection

from remotego.cli.debugging import debug, sessions, stop
from remotego.cli.deploying import deploy_dlv
from remotego.cli.doctor import doctor
from remotego.cli.environments import explain_vscode, gen_remote_env, gen_settings
from remotego.cli.hosts import config, hosts, undo
from remotego.cli.launching import gen_launch
from remotego.cli.paths import paths
from remotego.cli.profiles import show
from remotego.cli.profiles import use as use_profile
from remotego.cli.ps import ps
from remotego.cli.ptracing import ptrace
from remotego.cli.releasing import release
from remotego.cli.sdk import install, list_sdks, remove, verify
from remotego.cli.setting import set_env
from remotego.cli.sshconfig import gen_ssh_config
from remotego.cli.using import use
from remotego.cli.xray import env

VERBS = (
    *(deploy_dlv, ps, ptrace, debug, gen_launch, release, paths, gen_settings, gen_remote_env, gen_ssh_config),
    *(explain_vscode, sessions, stop, undo, hosts, config, doctor),
    *(env, set_env),
)

SDK_VERBS = (install, list_sdks, use, verify, remove)

PROFILE_VERBS = (use_profile, show)

GROUPS = (
    Collection("sdk", *SDK_VERBS),
    Collection("profile", *PROFILE_VERBS),
)
"""Verbs of one noun, typed with a dot: ``sdk.install``."""

ns = Collection(*VERBS, *GROUPS)
