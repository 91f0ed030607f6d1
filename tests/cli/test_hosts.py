"""Several hosts on one command line: each by itself, and all of them told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.ops.controllers import Controller, fresh_store


@pytest.fixture
def controller(lab: Lab, tmp_path: Path) -> Iterator[Controller]:
    """A developer's machine where one of three hosts has a store that cannot be written."""
    store = fresh_store()
    stores = {"app": store, "app-other": f"{store}-other", "app-rohome": "/home/rohome/store"}
    tables = (f'[hosts.{host}]\nstore = "{place}"\n' for host, place in stores.items())
    (tmp_path / "remotego.toml").write_text("".join(tables))
    controller = Controller(lab, tmp_path)
    yield controller
    controller.run("undo", "--host", "app", "--host", "app-other")


HOSTS = ("--host", "app", "--host", "app-rohome", "--host", "nowhere", "--host", "app-other")


def test_failing_hosts_stop_no_other(controller: Controller) -> None:
    """Two of four fail: the others have dlv, and the exit code is that of the first failure."""
    done = controller.run("deploy-dlv", *HOSTS, "--json")
    told = [(one["host"], one["status"], one["error"] and one["error"]["code"]) for one in done.document["hosts"]]
    assert (
        [
            ("app", "pushed", None),
            ("app-rohome", "failed", "read-only"),
            ("nowhere", "failed", "connect"),
            ("app-other", "pushed", None),
        ],
        7,
    ) == (told, done.exit_code), done.stderr


def test_table_and_errors_name_the_hosts(controller: Controller) -> None:
    """People see a line for each host, and each error with its remedy."""
    done = controller.run("deploy-dlv", *HOSTS[:4])
    lines = [line.split()[:2] for line in done.stdout.splitlines()]
    assert ([["app", "pushed"], ["app-rohome", "failed"]], True, True) == (
        lines,
        "error: app-rohome:" in done.stderr,
        "--store" in done.stderr,
    )


def test_second_deployment_has_nothing_to_do(controller: Controller) -> None:
    """A warm run says so and exits with 0."""
    controller.run("deploy-dlv", "--host", "app")
    done = controller.run("deploy-dlv", "--host", "app")
    assert ("nothing to do", 0) == (" ".join(done.stdout.split()[1:4]), done.exit_code)


def test_undo_twice(controller: Controller) -> None:
    """The second undo has nothing to do."""
    controller.run("deploy-dlv", "--host", "app")
    ends = [controller.run("undo", "--host", "app", "--json").document["hosts"][0]["status"] for _ in range(2)]
    assert ["undone", "nothing to do"] == ends
