"""What the only printer guarantees to hosts that speak at the same time."""

import subprocess
import sys

CROWD = """
import threading
from remotego.cli.render import Printer

printer, start = Printer(), threading.Barrier(8)

def speak(host):
    start.wait()
    for number in range(500):
        printer.event("ps", {}, f"{host} {number}")

crowd = [threading.Thread(target=speak, args=(host,)) for host in "abcdefgh"]
for one in crowd: one.start()
for one in crowd: one.join()
"""


def test_lines_of_hosts_are_never_mixed() -> None:
    """However many speak at once, each line stays a line."""
    said = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, timeout=60, check=True).stdout
    assert sorted(f"{host} {number}" for host in "abcdefgh" for number in range(500)) == sorted(said.splitlines())


def test_a_reader_that_goes_away_is_no_bug() -> None:
    """`remotego debug --help | head` ends without a traceback."""
    command = [sys.executable, "-m", "remotego", "debug", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.close()
        assert child.stderr is not None
        said = child.stderr.read()
    assert (141, "") == (child.returncode, said)
