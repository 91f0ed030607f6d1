"""What ``--json`` prints is what the schemas promise: for plans, deeds, second runs and failures."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from remotego.adapters.files import schema
from tests.journeys.scene import HOST, Scene

VERB_LIMIT_S = 120


def printed(scene: Scene, *words: str) -> dict[str, Any]:
    """Run a verb with --json in the scene's workspace; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "remotego", *words, "--json"],
        cwd=scene.workspace,
        env={name: value for name, value in os.environ.items() if not name.startswith("REMOTEGO_")},
        capture_output=True,
        text=True,
        timeout=VERB_LIMIT_S,
    )
    return dict(json.loads(done.stdout))


def faults(document: dict[str, Any]) -> list[str]:
    """What the schema that a document names has against it."""
    name = str(document["schema"]).split("/")[1]
    return [fault.message for fault in Draft202012Validator(schema(name)).iter_errors(document)]


@pytest.mark.parametrize(
    "words",
    [
        ("config",),
        ("hosts", "--host", HOST),
        ("hosts", "--host", "-oProxyCommand=x"),
        ("deploy-dlv", "--host", HOST, "--dry"),
        ("deploy-dlv", "--host", HOST),
        ("deploy-dlv", "--host", HOST, "--host", "no-such-host.invalid"),
        ("deploy-dlv", "--host", HOST, "--dlv-version", "9.9.9"),
        ("deploy-dlv",),
        ("ps", "--host", HOST, "--dry"),
        ("ps", "--host", HOST),
        ("ps", "--host", HOST, "--all"),
        ("ps", "--host", "app-noexec", "--store", "~/json"),
        ("ps", "--host", "no-such-host.invalid"),
        ("gen-launch", "--host", HOST, "--process", "no-such-process"),
        ("gen-launch", "--host", HOST, "--process", "ticker-optimised", "--dry"),
        ("gen-launch", "--host", HOST, "--process", "ticker-trimpath", "--editor", "zed"),
        ("gen-launch", "--host", HOST, "--pick", "--editor", "neovim", "--dry"),
        ("gen-launch", "--remote-ssh", "--process", "x", "--dry"),
        ("gen-launch", "--host", HOST, "--process", "x", "--editor", "ed"),
        ("release", "--host", HOST),
        ("release", "--local-port", "23450", "--dry"),
        ("paths", "--host", HOST, "--process", "no-such-process"),
        ("paths", "--host", HOST, "--port", "1", "--dry"),
        ("debug", "--host", HOST, "--process", "ticker-optimised", "--local-port", "0", "--dry"),
        ("sessions", "--host", HOST),
        ("stop", "--host", HOST),
        ("undo", "--host", HOST, "--dry"),
        ("undo", "--host", HOST),
    ],
    ids=" ".join,
)
def test_output_fits_its_schema(debug_scene: Scene, words: tuple[str, ...]) -> None:
    """One document that validates, whatever came of it."""
    assert [] == faults(printed(debug_scene, *words))


def test_a_session_fits_its_schema_while_it_runs(debug_scene: Scene) -> None:
    """The ready event, and the session as the list shows it."""
    with debug_scene.developer.debugging(*debug_scene.choice) as ready:
        listed = printed(debug_scene, "sessions", "--host", HOST)
    assert ([], [], 1) == (faults(ready), faults(listed), len(listed["hosts"][0]["sessions"]))


def test_gen_launch_fits_its_schema(debug_scene: Scene) -> None:
    """The entry written, with its rules."""
    assert [] == faults(printed(debug_scene, "gen-launch", *debug_scene.choice))


def test_paths_fits_its_schema(debug_scene: Scene) -> None:
    """The rules, with what they map."""
    assert [] == faults(printed(debug_scene, "paths", *debug_scene.choice))
