"""Fixtures of the doctor: the broken accounts, and what one run of the command says of all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from tests.doctor.broken import BROKEN, broken_accounts
from tests.lab.lab import Lab
from tests.ops.conftest import dlv as dlv
from tests.ops.controllers import Controller

GOES_BY_FILE = "mkdir -p /home/other/.config/go; echo GOPROXY=http://127.0.0.1:9 >/home/other/.config/go/env"
"""No go is there, but what one would go by; of what can fetch, only the wget of busybox is."""

TREE = "golang.org/x/mod/@v"


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file tree that is a proxy of modules, for this machine's own go."""
    folder = tmp_path_factory.mktemp("tree")
    (folder / TREE).mkdir(parents=True)
    files = {"list": "v0.1.0\n", "v0.1.0.info": '{"Version":"v0.1.0"}', "v0.1.0.mod": "module golang.org/x/mod\n"}
    for name, text in files.items():
        (folder / TREE / name).write_text(text)
    return folder.as_uri()


@pytest.fixture(scope="session")
def ward(lab: Lab, tree: str, dlv: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A developer's machine that reaches all broken accounts; two of them have processes that are wrong too."""
    folder = tmp_path_factory.mktemp("ward")
    with broken_accounts(lab, folder) as config:
        lab.exec("app", "sh", "-c", "WATCHDOG_USEC=30000000 setsid sleep 3600 >/dev/null 2>&1 &", user="b-watched")
        lab.engine.docker("cp", dlv, f"{lab.containers['app']}:/opt/realgo/bin/dlv")
        pid = lab.spawn(user="b-orphan")
        attach = f"attach {pid} --headless --listen=127.0.0.1:0"
        lab.exec("app", "sh", "-c", f"cd /; setsid /opt/realgo/bin/dlv {attach} >/dev/null 2>&1 &", user="b-orphan")
        (folder / "remotego.toml").write_text('[hosts.app-b-other]\nstore = "~/elsewhere"\n')
        lab.exec("tiny", "sh", "-c", GOES_BY_FILE, user="other")
        yield Controller(lab, folder, None, config, {"GOPROXY": tree})
        lab.exec("tiny", "sh", "-c", "rm -r /home/other/.config", user="other")


@pytest.fixture(scope="session")
def diagnosis(ward: Controller) -> dict[str, Any]:
    """What one run says of all of them, by place."""
    hosts = list(dict.fromkeys(one.host for one in BROKEN))
    words = [word for host in hosts for word in ("--host", host)]
    done = ward.run("doctor", "--json", "--parallel", "4", *words)
    validate(done.document, schema("doctor"))
    return {"exit_code": done.exit_code} | {one["place"]: one for one in done.document["places"]}
