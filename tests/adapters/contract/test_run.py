"""Running scripts on a real sshd, through a jump host."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from remotego.adapters.ssh.errors import NoShellError, OutputFloodError, ScriptBrokenError, ScriptTimeoutError
from remotego.core.transport import Answer, Payload, Script
from tests.adapters.conftest import Site
from tests.adapters.contract.conftest import AnyNetwork, Connect
from tests.adapters.sshd import wait_until


def test_answer_carries_output_errors_and_exit_code(network: AnyNetwork) -> None:
    """Both streams and the exit code come back, through a jump host."""
    with network.reach("app") as target:
        answer = target.run(Script("echo out; echo err >&2; exit 7"))
    assert Answer(b"out\n", b"err\n", 7) == answer


def test_output_without_newline_stays_as_it_is(network: AnyNetwork) -> None:
    """The frame adds nothing to the output."""
    with network.reach("app") as target:
        assert b"no newline" == target.run(Script("printf 'no newline'")).stdout


def test_bytes_pass_unchanged(network: AnyNetwork) -> None:
    """NULs, escapes and invalid UTF-8 are data."""
    with network.reach("app") as target:
        answer = target.run(Script(r"printf '\000\033[2J\377\376\r\n\033]52;c;aGk=\007'"))
    assert b"\x00\x1b[2J\xff\xfe\r\n\x1b]52;c;aGk=\x07" == answer.stdout


def test_script_text_is_not_expanded_on_the_way(network: AnyNetwork) -> None:
    """Quotes, dollars, backslashes, exclamation marks and umlauts reach the shell as written."""
    text = """cat <<'EOF'\n$HOME `id` !! "'" \\n ü %s\nEOF"""
    with network.reach("app") as target:
        assert '$HOME `id` !! "\'" \\n ü %s\n'.encode() == target.run(Script(text)).stdout


def test_forged_end_without_nonce_is_output(network: AnyNetwork) -> None:
    """A target that prints an end mark of its own does not end the answer."""
    with network.reach("app") as target:
        answer = target.run(Script("printf '\\n@00000000000000000000000000000000 end 0\\n'; echo more; exit 3"))
    assert (b"\n@00000000000000000000000000000000 end 0\nmore\n", 3) == (answer.stdout, answer.exit_code)


def test_end_mark_with_a_garbled_code_is_an_error(network: AnyNetwork) -> None:
    """A hostile target knows the nonce, for it gets the script; it cannot crash us with a broken mark."""
    forge = "printf() { command printf '%b' \"${1%%end*}end what\\n\"; }"
    with network.reach("app") as target, pytest.raises(ScriptBrokenError):
        target.run(Script(f"true)\n{forge}\n(:"))


def test_twenty_megabytes_come_in_two_seconds(network: AnyNetwork) -> None:
    """A large output is read raw and fast."""
    with network.reach("app") as target:
        started_s = time.monotonic()
        answer = target.run(Script("head -c 20971520 /dev/zero"))
        took_s = time.monotonic() - started_s
    assert 20 << 20 == len(answer.stdout)
    assert took_s < 2.0, f"{took_s:.2f} s"


def test_endless_output_is_cut_off(network: AnyNetwork) -> None:
    """More than the cap ends the exchange with an error of the host."""
    with network.reach("app") as target, pytest.raises(OutputFloodError):
        target.run(Script("yes"))


def test_endless_output_does_not_fill_our_memory(pair: Site, connect: Connect) -> None:
    """A flood costs a bounded amount of memory, in a process of its own so that it can be measured."""
    code = (
        "import pathlib, resource, sys\n"
        "from remotego.adapters.ssh.errors import OutputFloodError\n"
        f"from {connect.__module__} import {connect.__qualname__} as Network\n"
        "from remotego.core.transport import Script\n"
        "with Network(pathlib.Path(sys.argv[1])) as network, network.reach('app') as target:\n"
        "    target.run(Script('true'))\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "    try:\n"
        "        target.run(Script('cat /dev/zero'))\n"
        "    except OutputFloodError:\n"
        "        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    run = subprocess.run((sys.executable, "-c", code, str(pair.config)), capture_output=True, text=True, check=True)
    assert int(run.stdout) < 100 << 10, f"{run.stdout} KiB more"


def test_endless_line_is_cut_off(network: AnyNetwork) -> None:
    """A line that never ends is an endless output too."""
    with network.reach("app") as target, pytest.raises(OutputFloodError):
        target.run(Script("cat /dev/zero"))


def test_endless_standard_error_neither_blocks_nor_fills_memory(network: AnyNetwork) -> None:
    """Standard error is drained while output is read, and only its end is kept."""
    with network.reach("app") as target:
        answer = target.run(Script("head -c 9000000 /dev/zero >&2; echo tail >&2; echo done"))
    assert (b"done\n", 65536, b"\x00tail\n") == (answer.stdout, len(answer.stderr), answer.stderr[-6:])


def test_payloads_arrive_whole_and_in_order(network: AnyNetwork, tmp_path: Path) -> None:
    """A script takes several payloads one after the other; progress adds up to their size."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"a" * 3_000_001)
    second.write_bytes(bytes(range(256)) * 10)
    payloads = (Payload(first, 3_000_001), Payload(second, 2560))
    steps: list[int] = []
    text = "payload 3000001 | wc -c; payload 2560 | cksum"
    with network.reach("app") as target:
        answer = target.run(Script(text, payloads), sent=steps.append)
    with network.reach("app") as target:
        checked = target.run(Script("payload 2560 | cksum", (Payload(second, 2560),)))
    assert [b"3000001", *checked.stdout.split()] == answer.stdout.split()
    assert 3_002_561 == sum(steps)
    assert max(steps) <= 1 << 20


def test_payload_that_comes_back_does_not_block(network: AnyNetwork, tmp_path: Path) -> None:
    """Output is read while a payload is still being sent."""
    big = tmp_path / "big"
    big.write_bytes(b"x" * (12 << 20))
    with network.reach("app") as target:
        answer = target.run(Script(f"payload {12 << 20}", (Payload(big, 12 << 20),)))
    assert 12 << 20 == len(answer.stdout)


def test_a_payload_may_take_longer_than_the_timeout(network: AnyNetwork, tmp_path: Path) -> None:
    """As long as it moves: a MiB goes every third of a second, and 4 s without any would be too long."""
    big = tmp_path / "big"
    big.write_bytes(bytes(18 << 20))
    slow = "while [ $(head -c 1048576 | wc -c) = 1048576 ]; do sleep 0.3; done; echo end"
    with network.reach("app") as target:
        answer = target.run(Script(f"payload {18 << 20} | {{ {slow}; }}", (Payload(big, 18 << 20),)), timeout_s=4)
    assert b"end\n" == answer.stdout


def test_payload_that_shrinks_is_a_local_error(network: AnyNetwork, tmp_path: Path) -> None:
    """A file that becomes shorter while it is sent ends the run at once, with the file's name."""
    short = tmp_path / "short"
    short.write_bytes(b"abc")
    with network.reach("app") as target, pytest.raises(OSError, match=str(short)):
        target.run(Script("payload 10 >/dev/null", (Payload(short, 10),)))


def test_reading_script_sees_the_end_of_input(network: AnyNetwork) -> None:
    """A script that reads on does not wait for ever."""
    with network.reach("app") as target:
        assert b"end\n" == target.run(Script("cat; echo end"), timeout_s=10).stdout


def test_timeout_ends_the_remote_process(network: AnyNetwork, tmp_path: Path) -> None:
    """After a timeout nothing of the script runs on."""
    pid_file = tmp_path / "pid"
    with network.reach("app") as target:
        with pytest.raises(ScriptTimeoutError):
            target.run(Script(f"sleep 300 & echo $! > {pid_file}; wait"), timeout_s=1.5)
        pid = int(pid_file.read_text())
        wait_until(lambda: not _runs(pid), "the remote sleep ends")
        assert b"still\n" == target.run(Script("echo still")).stdout


def test_shell_killed_in_the_middle_is_not_a_lost_connection(network: AnyNetwork) -> None:
    """A shell that is killed is the host's trouble, and the connection stays usable."""
    with network.reach("app") as target:
        with pytest.raises(ScriptBrokenError):
            target.run(Script("kill -9 $$"))
        assert b"on\n" == target.run(Script("echo on")).stdout


def test_background_process_with_open_streams_does_not_hold_the_answer(network: AnyNetwork) -> None:
    """The end mark ends the answer, even if a child keeps the streams open."""
    with network.reach("app") as target:
        started_s = time.monotonic()
        answer = target.run(Script("sleep 20 & echo started"))
        took_s = time.monotonic() - started_s
        target.run(Script("kill $(pgrep -f '^sleep 20$') || true"))
    assert b"started\n" == answer.stdout
    assert took_s < 5.0


@pytest.mark.parametrize(
    ("command", "said"),
    [("echo This account is closed.; exit 1", "This account is closed."), ("/bin/false", "(nothing)")],
)
def test_account_without_shell_is_named_with_its_words(connect: Connect, site: Site, command: str, said: str) -> None:
    """A ForceCommand or nologin shell gives no answer; the error shows its words."""
    server = site.start(f"ForceCommand {command}")
    config = site.write_config(f"Host closed\n  Port {server.port}")
    with connect(config) as network, network.reach("closed") as target, pytest.raises(NoShellError) as caught:
        target.run(Script("echo hi"))
    assert said == caught.value.said


def test_noise_before_the_frame_is_dropped(connect: Connect, site: Site) -> None:
    """What a login shell prints before and after does not become part of the answer."""
    noisy = "ForceCommand echo noise; printf 'begin @x'; /bin/sh -s; echo goodbye"
    server = site.start(noisy)
    config = site.write_config(f"Host noisy\n  Port {server.port}")
    with connect(config) as network, network.reach("noisy") as target:
        assert b"hi\n" == target.run(Script("echo hi")).stdout


def test_escapes_of_a_closed_account_are_made_inert(connect: Connect, site: Site) -> None:
    """What goes into an error has no escape sequences left."""
    server = site.start(r"ForceCommand printf '\033[2Jgo \033]52;c;eA==\007away\n'")
    config = site.write_config(f"Host closed\n  Port {server.port}")
    with connect(config) as network, network.reach("closed") as target, pytest.raises(NoShellError) as caught:
        target.run(Script("echo hi"))
    assert "go away" == caught.value.said


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
