"""Labs that are broken on purpose: the doctor names each cause, repairs what it says it can, and undo takes it back."""

from pathlib import Path
from typing import Any

import pytest

from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.ops.curing import cure_host, plan_cures
from remotego.ops.examining import examine_host
from remotego.ops.sdk.hosts import install_sdk
from tests.doctor.broken import BROKEN, LIAR, STORE, Broken
from tests.doctor.test_here import findings as told_of
from tests.lab.lab import Lab
from tests.ops.controllers import Controller, Done, finished, next_event, running
from tests.ops.small_sdks import small_sdk
from tests.ops.test_debug import children, kill, record
from tests.ops.test_remote_env import FINGERPRINT


def findings(place: dict[str, Any]) -> list[dict[str, Any]]:
    """All findings of a place."""
    return [finding for group in place["groups"] for finding in group["findings"]]


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: f"{one.host}-{one.check}")
def test_the_cause_is_named(diagnosis: dict[str, Any], one: Broken) -> None:
    """By the check that is meant to, with evidence and a remedy."""
    found = [each for each in findings(diagnosis[one.host]) if each["check"] == one.check and each["verdict"] != "ok"]
    told = [(each["verdict"], one.says in each["evidence"], bool(each["remedy"])) for each in found]
    assert (one.verdict, True, True) in told, found


def test_the_exit_code_is_that_of_the_gravest(diagnosis: dict[str, Any]) -> None:
    """A host that cannot be reached hides all the rest."""
    assert 3 == diagnosis["exit_code"]


def test_nothing_else_is_said_of_a_lab_that_is_wrong_in_one_way(diagnosis: dict[str, Any]) -> None:
    """A doctor that cries wolf is not heard."""
    expected = {one.host: {each.check for each in BROKEN if each.host == one.host} for one in BROKEN}
    single = {host: checks for host, checks in expected.items() if host.startswith("app-b-") and host != "app-b-goroot"}
    found = {host: {one["check"] for one in findings(diagnosis[host]) if one["verdict"] != "ok"} for host in single}
    assert single == found


def test_no_password_of_a_proxy_is_shown(diagnosis: dict[str, Any]) -> None:
    """GOPROXY may hold one, though it should not."""
    assert "hunter2" not in str(diagnosis)


def test_a_healthy_host_is_a_green_line_a_group(ward: Controller) -> None:
    """With a go of its own, and a proxy that gives a module."""
    done = ward.run("doctor", "--host", "app-b-well")
    lines = [line.split("  ") for line in done.stdout.splitlines() if line.startswith("app-b-well")]
    groups = ["reach", "account", "store", "leftovers", "system", "attach", "go", "environment"]
    assert (groups, {"ok"}) == ([line[1] for line in lines], {line[2] for line in lines}), done.stdout


def test_the_page_says_the_same(ward: Controller) -> None:
    """In a file that the user names; no password is in it either."""
    done = ward.run("doctor", "--host", "app-b-bared", "--html", "report.html")
    page = (ward.folder / "report.html").read_text()
    words = ("app-b-bared", "go sends none over plain http", "hunter2")
    assert (3, [True, True, False]) == (done.exit_code, [word in page for word in words])


def fingerprint(lab: Lab, user: str) -> str:
    """Every file of a home, but those that go counts its own runs in."""
    text = lab.exec("app", "env", f"HOME=/home/{user}", "sh", "-c", FINGERPRINT, user=user)
    return "\n".join(line for line in text.splitlines() if "/go/telemetry" not in line and "go-build" not in line)


def mended(ward: Controller, host: str, *checks: str) -> Done:
    """Show the plan, see that it changes nothing, do it, and see that the same was done and is all well."""
    planned = ward.run("doctor", "--host", host, "--fix", "--dry", "--json").document["fixes"]
    done = ward.run("doctor", "--host", host, "--fix", "--json")
    here = [one for one in done.document["places"] if one["place"] == host]
    bad = {one["check"] for one in findings(here[0]) if one["verdict"] != "ok"}
    told = [{**one, "status": "planned"} for one in done.document["fixes"]]
    assert (planned, {"done"}, set()) == (told, {one["status"] for one in done.document["fixes"]}, bad & {*checks})
    assert {*checks} == {check for one in planned for check in one["checks"]}
    return done


def test_a_directory_of_ours_that_was_open_is_closed(ward: Controller, lab: Lab) -> None:
    """What is in it is hashed again; undo opens it as it was, but a program that lied does not come back."""
    before = fingerprint(lab, "b-open")
    ward.run("doctor", "--host", "app-b-open", "--fix", "--dry")
    assert before == fingerprint(lab, "b-open")
    mended(ward, "app-b-open", "store-permissions")
    modes = f"cd /home/b-open/{STORE}; stat -c %a . store; ls store"
    closed = lab.exec("app", "sh", "-c", modes, user="b-open").split()
    ward.run("undo", "--host", "app-b-open")
    opened = lab.exec("app", "sh", "-c", modes, user="b-open").split()
    assert (["750", "750"], ["770", "770"], True) == (closed, opened, LIAR in before)


def test_leftovers_are_removed(ward: Controller, lab: Lab) -> None:
    """Of a session of which only files are left, and of a push that was broken off."""
    mended(ward, "app-b-dead", "leftover-sessions", "leftover-pushes")
    again = ward.run("doctor", "--host", "app-b-dead", "--fix")
    left = lab.exec("app", "sh", "-c", f"cd /home/b-dead/{STORE}; ls -A store sessions", user="b-dead").split()
    assert (["sessions:", "store:"], True) == (left, "nothing to do" in again.stdout)


def test_what_we_wrote_for_shells_is_mended(ward: Controller, lab: Lab) -> None:
    """And undo leaves the home as it was before us, damage and all."""
    before = fingerprint(lab, "b-block")
    ward.run("gen-remote-env", "--host", "app-b-block")
    lab.exec("app", "sh", "-c", "cd /home/b-block; echo 'PATH=$PATH:/oops' >.config/remotego/env.sh", user="b-block")
    mended(ward, "app-b-block", "env-block")
    done = ward.run("undo", "--host", "app-b-block")
    assert (0, before) == (done.exit_code, fingerprint(lab, "b-block"))


def test_a_tool_of_ours_that_is_gone_is_taken_out(ward: Controller, lab: Lab) -> None:
    """Of the machine settings of an editor; what its user has added since stays."""
    ward.run("gen-remote-env", "--host", "app-b-tools")
    settings = ".vscode-server/data/Machine/settings.json"
    script = f"""cd /home/b-tools; mv sdk/go1.27.1 sdk/go1.27.2; sed -i 's/^}}/, "mine": 1}}/' {settings}"""
    lab.exec("app", "sh", "-c", script, user="b-tools")
    planned = ward.run("doctor", "--host", "app-b-tools", "--fix", "--dry", "--json").document["fixes"]
    ward.run("doctor", "--host", "app-b-tools", "--fix")
    text = lab.exec("app", "cat", f"/home/b-tools/{settings}", user="b-tools")
    assert (True, True, True) == (
        "env-tools" in {check for one in planned for check in one["checks"]},
        "go1.27.1" not in text,
        '"mine": 1' in text,
    ), text


def test_an_sdk_that_was_tampered_with_is_put_there_anew(ward: Controller, lab: Lab, tmp_path: Path) -> None:
    """From the same supply as at first; another look finds it whole."""
    kit = small_sdk("local", tmp_path)
    version = kit.note.version
    with SshNetwork(ward.config) as network:
        words = (network, "app-b-tampered", version, Settings(), Silence())
        install_sdk(*words, lambda _: kit, switch=True, dry=False)
        go = f"/home/b-tampered/{STORE}/sdk/{version}/bin/go"
        lab.exec("app", "sh", "-c", f"chmod u+w {go}; echo x >>{go}; chmod u-w {go}", user="b-tampered")
        ill = examine_host(network, ward.config, "app-b-tampered", Settings(), Silence())
        planned = plan_cures("app-b-tampered", ill.examined.fixable)
        done = cure_host(network, ill, planned, Settings(), Silence(), lambda _: lambda _: kit)
        well = examine_host(network, ward.config, "app-b-tampered", Settings(), Silence())
    told = {one.evidence.partition(" bytes instead")[0][-20:] for one in ill.examined.fixable}
    whole = [one.verdict for one in well.examined.findings if one.check == "env-sdk"]
    assert (1, ["done"], ["ok"]) == (len(told), [one.status for one in done], whole)


def test_a_session_whose_guard_was_killed_is_ended(ward: Controller, lab: Lab) -> None:
    """In the safe order: the process that only dlv was left to hold runs on, traced by nobody."""
    user, host = "b-session", "app-b-session"
    pid = lab.spawn(user=user)
    words = ("--host", host, "--pid", str(pid), "--local-port", "0", "--json", "--lease", "4s")
    with running(ward.start("debug", *words)) as child:
        told = record(lab, next_event(child, 240)["directory"])
        kill(lab, told["keeper"][0], *(set(children(lab, told["keeper"][0])) - {told["dlv"][0]}))
        finished(child)
    root = f"/home/{user}/{STORE}"
    done = mended(ward, host, "leftover-sessions")
    status = lab.exec(
        "app", "sh", "-c", f"sed -n 's/^TracerPid:.//p' /proc/{pid}/status; ls {root}/sessions", user=user
    )
    lab.kill(pid)
    assert (["0"], 1) == (status.split(), len(done.document["fixes"]))


def test_how_a_named_process_was_built(ward: Controller, lab: Lab) -> None:
    """By the agent, where it is there already: stripped, optimised, or well; that it is not there is no fault."""
    user, host = "b-process", "app-b-process"
    pids = {flavour: lab.spawn(flavour, user=user) for flavour in ("debug", "optimised", "stripped")}
    absent = ward.run("doctor", "--host", host, "--pid", str(pids["stripped"]), "--json").document
    ward.run("ps", "--host", host)
    found = {
        flavour: ward.run("doctor", "--host", host, "--pid", str(pid), "--json").document
        for flavour, pid in pids.items()
    }
    for pid in pids.values():
        lab.kill(pid)
    told = {
        flavour: [verdict for check in ("attach-process", "attach-program") for verdict, _ in told_of(document, check)]
        for flavour, document in found.items()
    }
    assert {"debug": ["ok", "ok"], "optimised": ["ok", "warning"], "stripped": ["ok", "failure"]} == told
    assert [] == told_of(absent, "attach-program")


def test_looking_changes_nothing(ward: Controller, lab: Lab, tmp_path: Path) -> None:
    """Whatever is wrong there."""
    users = ("b-goroot", "b-golink", "b-goproxy", "b-ssh", "b-sdk", "b-well")
    before = {user: fingerprint(lab, user) for user in users}
    ward.run("doctor", *(word for user in users for word in ("--host", f"app-{user}")))
    assert before == {user: fingerprint(lab, user) for user in users}


def test_one_round_trip_and_a_knock(ward: Controller, lab: Lab) -> None:
    """All questions to a host are one script."""
    from tests.ops.rounds import Rounds

    with SshNetwork(ward.config) as network:
        rounds = Rounds(network)
        examine_host(rounds, ward.config, "app-b-well", Settings(), Silence())
        assert 1 == rounds.take()
