"""The task namespace. Any tasks.py can take it: ``from remotego.cli.ns import ns``."""

from __future__ import annotations

from invoke import Collection

from remotego.cli.auth import check, connect
from remotego.cli.bundling import apply as bundle_apply
from remotego.cli.bundling import create as bundle_create
from remotego.cli.bundling import verify as bundle_verify
from remotego.cli.debugging import debug, sessions, stop
from remotego.cli.deploying import deploy_dlv
from remotego.cli.doctor import doctor
from remotego.cli.environments import explain_vscode, gen_remote_env, gen_settings
from remotego.cli.hosts import config, hosts, undo
from remotego.cli.launching import gen_launch
from remotego.cli.modules import doctor as mod_doctor
from remotego.cli.modules import graph
from remotego.cli.paths import paths
from remotego.cli.policies import policy
from remotego.cli.probing import probe
from remotego.cli.profiles import show
from remotego.cli.profiles import use as use_profile
from remotego.cli.proxies import explain
from remotego.cli.proxying import deploy_proxy
from remotego.cli.proxying import remove as remove_proxy
from remotego.cli.proxying import status as proxy_status
from remotego.cli.ps import ps
from remotego.cli.ptracing import ptrace
from remotego.cli.releasing import release
from remotego.cli.repositories import repository
from remotego.cli.sdk import install, list_sdks, remove, verify
from remotego.cli.setting import set_env
from remotego.cli.sshconfig import gen_ssh_config
from remotego.cli.using import use
from remotego.cli.vendoring import vendor
from remotego.cli.watching import watch
from remotego.cli.xray import env

VERBS = (
    *(deploy_dlv, ps, ptrace, debug, gen_launch, release, paths, gen_settings, gen_remote_env, gen_ssh_config),
    *(explain_vscode, sessions, stop, undo, hosts, config, doctor),
    *(env, set_env, deploy_proxy),
)

SDK_VERBS = (install, list_sdks, use, verify, remove)
PROXY_VERBS = (explain, policy, probe, watch, proxy_status, remove_proxy, repository)
BUNDLE_VERBS = (bundle_create, bundle_verify, bundle_apply)
MOD_VERBS = (mod_doctor, graph, vendor)
AUTH_VERBS = (connect, check)
PROFILE_VERBS = (use_profile, show)

GROUPS = (
    Collection("sdk", *SDK_VERBS),
    Collection("profile", *PROFILE_VERBS),
    Collection("proxy", *PROXY_VERBS),
    Collection("bundle", *BUNDLE_VERBS),
    Collection("mod", *MOD_VERBS),
    Collection("auth", *AUTH_VERBS),
)
"""Verbs of one noun, typed with a dot: ``sdk.install``."""

ns = Collection(*VERBS, *GROUPS)
