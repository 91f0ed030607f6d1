"""What ssh says before it gives up, and the error it becomes."""

from __future__ import annotations

import pytest

from remotego.adapters.multiplex.diagnosis import Refused, Scene, cause_of_loss, diagnose, find_refusal
from remotego.adapters.ssh.distrust import HostKeyRevokedError, HostUnknownError
from remotego.adapters.ssh.errors import (
    ConnectError,
    HandshakeError,
    JumpRefusedError,
    LoginRefusedError,
    ProxyCommandError,
)
from remotego.adapters.ssh.patience import DroppedError
from remotego.core.target import Hop

HOP = Hop(alias="app", hostname="10.0.0.7", port=22, user="dev", key_name="10.0.0.7")
JUMP = Hop(alias="jump", hostname="10.0.0.1", port=22, user="dev", key_name="10.0.0.1")
PROXIED = Hop(alias="app", hostname="app", port=22, user="dev", key_name="app", proxy_command="nc app 22")
FIRST, BEHIND, BY_COMMAND = Scene(HOP, None, ()), Scene(HOP, JUMP, ()), Scene(PROXIED, None, ())
GREETED = "debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1"
SHOWN = "debug1: Server host key: ssh-ed25519 SHA256:abc"
NO_PASSAGE = (
    "mux_client_request_stdio_fwd: session request failed: Session open refused by peer\nstdio forwarding failed"
)

CASES: dict[str, tuple[Scene, str, type[Exception], str]] = {
    "nobody there": (FIRST, "ssh: connect to host 10.0.0.7 port 22: No route to host", ConnectError, "No route"),
    "no name": (FIRST, "ssh: Could not resolve hostname x: Name or service not known", ConnectError, "resolved"),
    "locked out": (
        FIRST,
        f"{GREETED}\ndebug1: Offering public key: /k ED25519 SHA256:x\ndev@app: Permission denied (publickey).",
        LoginRefusedError,
        "/k ED25519",
    ),
    "too many keys": (
        FIRST,
        "Received disconnect from 10.0.0.7 port 22:2: Too many authentication failures",
        LoginRefusedError,
        "found none",
    ),
    "not ssh": (
        FIRST,
        (
            "kex_exchange_identification: banner line contains invalid characters\n"
            "banner exchange: Connection to 10.0.0.7 port 22: invalid format"
        ),
        HandshakeError,
        "not SSH",
    ),
    "busy": (FIRST, "kex_exchange_identification: read: Connection reset by peer", DroppedError, "hangs up"),
    "busy, newer wording": (FIRST, "Connection closed by 10.0.0.7 port 22", DroppedError, "hangs up"),
    "hung up later": (FIRST, f"{GREETED}\nConnection closed by 10.0.0.7 port 22", HandshakeError, "closed by"),
    "silent": (FIRST, "Connection timed out during banner exchange", HandshakeError, "no SSH banner"),
    "old": (
        FIRST,
        f"{GREETED}\nUnable to negotiate with 10.0.0.7 port 22: no matching cipher found.",
        HandshakeError,
        "no matching cipher",
    ),
    "wordless": (FIRST, "debug1: pledge: id", HandshakeError, "without a word"),
    "unknown key": (
        FIRST,
        f"{SHOWN}\nNo ED25519 host key is known for 10.0.0.7 and you have requested strict checking.",
        HostUnknownError,
        "SHA256:abc",
    ),
    "marked key": (
        FIRST,
        "@       WARNING: REVOKED HOST KEY DETECTED!               @\nHost key verification failed.",
        HostKeyRevokedError,
        "revoked",
    ),
    "no passage": (BEHIND, NO_PASSAGE, ConnectError, "jump"),
    "no way out": (BY_COMMAND, "nc: no route\nConnection closed by UNKNOWN port 65535", ProxyCommandError, "no route"),
}


@pytest.mark.parametrize("case", CASES)
def test_last_words_become_an_error(case: str) -> None:
    """The error has its class, and what the user needs of the wording."""
    scene, said, kind, part = CASES[case]
    error = diagnose(scene, said.splitlines(), None)
    assert kind is type(error)
    assert part in str(error)


def test_jump_host_that_forbids_forwarding_is_told_from_one_that_cannot_connect() -> None:
    """The jump host's own master knows the reason."""
    lines = NO_PASSAGE.splitlines()
    refusals = [Refused("open failed", is_policy=True), Refused("Connection refused", is_policy=False)]
    assert [JumpRefusedError, ConnectError] == [type(diagnose(BEHIND, lines, refused)) for refused in refusals]


def test_refusal_of_a_channel_is_found() -> None:
    """The last one counts; only a failed connection is no matter of policy."""
    lines = [
        "channel 2: open failed: administratively prohibited: open failed",
        "debug1: channel 2: free: direct-tcpip",
        "channel 3: open failed: connect failed: Connection refused",
        "debug1: channel 3: free: direct-tcpip",
    ]
    assert Refused("Connection refused", is_policy=False) == find_refusal(lines)
    assert Refused("open failed", is_policy=True) == find_refusal(lines[:2])
    assert find_refusal([]) is None


def test_silence_is_told_from_a_hang_up() -> None:
    """A peer that did not answer, and one that closed the connection."""
    assert "it does not answer" == cause_of_loss(["Timeout, server 10.0.0.7 not responding."])
    assert "the other side closed it" == cause_of_loss(["Connection to 10.0.0.7 closed by remote host."])
