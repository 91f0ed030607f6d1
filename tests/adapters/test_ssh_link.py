"""What we use of paramiko's inside is still what we read when we wrote ``link`` and ``userauth``."""

from __future__ import annotations

import hashlib
import inspect
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paramiko import Transport
from paramiko.agent import AgentKey, AgentSSH
from paramiko.auth_handler import AuthHandler
from paramiko.buffered_pipe import BufferedPipe
from paramiko.channel import Channel
from paramiko.client import SSHClient
from paramiko.packet import Packetizer
from paramiko.ssh_exception import SSHException

from remotego.adapters.ssh.errors import ConnectionLostError
from remotego.adapters.ssh.link import Link
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.transport import Script
from tests.adapters.conftest import Site

REVIEWED: dict[Callable[..., Any], str] = {
    Transport.open_channel: "e89cdf34ea0f20b1",
    Transport.close: "122a86eda9458044",
    Transport.stop_thread: "dcaa209f8934dcb8",
    Transport.run: "d658434778e57b94",
    Transport._parse_channel_open_failure: "ae1a6d56eac04cb5",
    Transport._parse_channel_open_success: "812dcbef708a29e1",
    Transport._parse_global_request: "d25c3e12b50cfd26",
    Transport._send_user_message: "3faeba789bc6c033",
    Transport._filter_algorithm: "7b75a595b2a34734",
    AuthHandler.wait_for_response: "27097d6a169c7314",
    AuthHandler._get_session_blob: "fcfa1f161fb5b773",
    AuthHandler._finalize_pubkey_algorithm: "b0d0e3d8cd35956f",
    AuthHandler._get_key_type_and_bits: "74235b6d3eff0d85",
    AuthHandler._parse_userauth_failure: "15d5445373316167",
    Channel.recv: "c588dedeafd55548",
    Channel._set_remote_channel: "3c90f17d182e854d",
    Channel._check_add_window: "47546c4b47ca1612",
    Channel._request_failed: "af45c50c3d96efb7",
    BufferedPipe.read: "6ff7002208285c2f",
    Packetizer.read_all: "d6eccad5d1d31e06",
    Packetizer.write_all: "83e66cd7deaaf087",
    SSHClient.connect: "a9ca41bce6bae3e6",
    AgentSSH._connect: "6a4293a34e9b96d2",
    AgentKey.__init__: "6a14d19f7df8d94c",
}
"""paramiko 5.1.0."""


def _digest(function: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]


@pytest.mark.parametrize("function", REVIEWED, ids=lambda function: function.__qualname__)
def test_internals_are_as_reviewed(function: Callable[..., Any]) -> None:
    """A changed function has to be read again, and its digest here renewed."""
    assert REVIEWED[function] == _digest(function)


def test_weak_algorithms_are_not_offered() -> None:
    """No CBC, no 3DES, no MD5, no SHA-1."""
    offered = " ".join((*Link._preferred_ciphers, *Link._preferred_macs, *Link._preferred_kex, *Link._preferred_keys))
    weak = [
        word for word in ("cbc", "3des", "md5", "sha1", "arcfour", "ssh-rsa", "ssh-dss", "group1-") if word in offered
    ]
    assert [] == weak


def test_fast_cipher_is_agreed(pair: Site) -> None:
    """An OpenSSH server and we agree on AES-GCM."""
    with SshNetwork(pair.config) as network, network.reach("direct") as target:
        assert "aes128-gcm@openssh.com" == target._connection.link.local_cipher


def test_login_takes_one_service_request(pair: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request for the service is not repeated, and the key travels with it."""
    sent: list[int] = []
    genuine = Packetizer.send_message
    monkeypatch.setattr(
        Packetizer,
        "send_message",
        lambda self, data: (sent.append(data.asbytes()[0]), genuine(self, data))[1],
    )
    with SshNetwork(pair.config) as network, network.reach("direct"):
        pass
    assert (1, 1) == (sent.count(5), sent.count(50))


def test_closing_wakes_one_who_opens_a_channel(pair: Site) -> None:
    """A thread that waits for a channel ends when another closes the connection."""
    with SshNetwork(pair.config) as network, network.reach("direct") as target:
        connection = target._connection
        caught: list[BaseException] = []
        stuck = threading.Event()

        def open_channel() -> None:
            try:
                connection.link._send_user_message = lambda _message: stuck.set()
                connection.link.open("session", timeout_s=30)
            except (SSHException, EOFError) as error:
                caught.append(error)

        thread = threading.Thread(target=open_channel)
        thread.start()
        assert stuck.wait(5)
        connection.close()
        thread.join(5)
        assert not thread.is_alive()
    assert 1 == len(caught)


def test_channel_of_a_broken_connection_closes(pair: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that sends may close it just when the other takes the connection down."""

    def broken(_message: object) -> None:
        raise EOFError

    with SshNetwork(pair.config) as network, network.reach("direct") as target:
        connection = target._connection
        channel = connection.start("cat")
        with monkeypatch.context() as patch:
            patch.setattr(connection.link, "_send_user_message", broken)
            channel.close()
        assert channel.closed


def test_use_after_close_is_a_lost_connection(pair: Site) -> None:
    """A transport that outlives its network says that the connection is gone."""
    with SshNetwork(pair.config) as network, network.reach("direct") as target:
        pass
    with pytest.raises(ConnectionLostError):
        target.run(Script("true"))


def test_no_paramiko_outside_the_ssh_package() -> None:
    """The rest of the adapters know neither paramiko nor Fabric."""
    folder = Path(inspect.getfile(Link)).parent.parent
    guilty = [path.name for path in folder.glob("*.py") if "paramiko" in path.read_text().replace("paramiko's", "")]
    assert ["openssh.py"] == guilty
