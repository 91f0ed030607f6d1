"""F5 for several hosts, for a choice, and for a program that dlv starts."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from remotego.vscode.jsonc import parse_jsonc
from tests.journeys.dap.client import DapClient
from tests.journeys.scene import HOST, Scene, scene
from tests.journeys.test_f5 import environment
from tests.journeys.vscode import window
from tests.lab.lab import Lab
from tests.ops.debuggee import UNTOUCHED, Debuggee

OTHER = "hardened"


@pytest.fixture(scope="module")
def variants(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A service on each of two hosts, and settings that name them."""
    with scene(lab, tmp_path_factory.mktemp("variants"), "debug") as ready, contextlib.ExitStack() as ending:
        other = lab.pid("ticker-debug", OTHER)
        settings = {"ssh_config": str(lab.ssh_config), "store": ready.debuggee.store}
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        pids = {HOST: ready.debuggee.pid, OTHER: other}
        lines += [f"[hosts.{host}]\npid = {pid}\n" for host, pid in pids.items()]
        (ready.workspace / "remotego.toml").write_text("".join(lines))
        ending.callback(ready.developer.run, "undo", "--host", OTHER)
        yield ready


def files(of: Scene) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in launch.json and tasks.json."""
    texts = ((of.workspace / ".vscode" / name).read_text() for name in ("launch.json", "tasks.json"))
    first, second = (dict(parse_jsonc(text, file="f").root.value) for text in texts)
    return first, second


def test_one_f5_for_two_hosts(variants: Scene) -> None:
    """Each has its session, its port and its stop; the end of the compound ends neither process."""
    variants.developer.run("gen-launch", "--host", HOST, "--host", OTHER)
    line, other = variants.line, Debuggee(variants.lab, variants.lab.pid("ticker-debug", OTHER), "/none", OTHER)
    stops = []
    with window(variants.workspace, environment(variants)) as opened:
        members = opened.together(f"Attach ticker-debug@{HOST}+{OTHER}")
        for configuration in members:
            with DapClient() as client:
                client.attach(configuration["port"], configuration, {line.path: [line.number]})
                stops.append(client.stopped().top.line)
                client.stop()
        released = [opened.after(configuration).returncode for configuration in members]
        problems = opened.shown()
    ports = {configuration["port"] for configuration in members}
    assert (2, [line.number] * 2, [0, 0], [], UNTOUCHED, UNTOUCHED) == (
        len(ports),
        stops,
        released,
        problems,
        variants.debuggee.state(),
        other.state(),
    )


def test_a_choice_is_asked_once_and_has_a_fixed_port(variants: Scene) -> None:
    """The inputs stand in the task that is run before, and nowhere else."""
    (variants.workspace / "remotego.toml").write_text(
        f'ssh_config = "{variants.lab.ssh_config}"\nstore = "{variants.debuggee.store}"\n'
    )
    variants.developer.run("gen-launch", "--host", HOST, "--host", OTHER, "--pick")
    launch, tasks = files(variants)
    name, line = "Attach any process@any host", variants.line
    answers = {"remotego-host": OTHER, "remotego-process": "ticker-debug"}
    with window(variants.workspace, environment(variants), answers) as opened:
        configuration = opened.configuration(name)
        opened.before(configuration)
        with DapClient() as client:
            client.attach(configuration["port"], configuration, {line.path: [line.number]})
            stopped = client.stopped().top.line
            client.disconnect()
        released = opened.after(configuration)
    asked = [json.dumps(task["args"]).count("${input:") for task in tasks["tasks"] if name in task["label"]]
    assert ([2, 0], 0, line.number, b"ended" in released.stdout) == (
        asked,
        json.dumps(launch).count("${input:"),
        stopped,
        True,
    )


def test_f5_starts_a_program(variants: Scene) -> None:
    """It waits for the editor, stops in it, and ends with the session."""
    variants.developer.run("gen-launch", "--host", HOST, "--exec", "/opt/ticker/ticker-debug", "--cwd", "/tmp")
    line = variants.line
    with window(variants.workspace, environment(variants)) as opened:
        configuration = opened.configuration(f"Exec ticker-debug@{HOST}")
        task = opened.before(configuration)
        with DapClient() as client:
            client.attach(configuration["port"], configuration, {line.path: [line.number]})
            stopped = client.stopped().top.line
            client.disconnect()
        opened.after(configuration)
        code = task.await_end()
        problems = opened.shown()
    assert (line.number, 0, [], ()) == (stopped, code, problems, variants.debuggee.left())


def test_an_editor_elsewhere_gets_its_file(variants: Scene) -> None:
    """Zed's entry has the port that VS Code's has."""
    words = ("gen-launch", "--host", HOST, "--exec", "/opt/ticker/ticker-debug")
    variants.developer.run(*words)
    variants.developer.run(*words, "--editor", "zed")
    entry = json.loads((variants.workspace / ".zed" / "debug.json").read_text())[0]
    launch, _ = files(variants)
    port = next(one["port"] for one in launch["configurations"] if one["name"] == entry["label"])
    assert port == entry["tcp_connection"]["port"]
