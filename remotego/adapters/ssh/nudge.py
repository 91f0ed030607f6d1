"""Packets that mean nothing and carry acknowledgements: they spare stalls of 40 ms behind jump hosts.

sshd sends small packets one by one while there is no terminal: the next waits until the last is
acknowledged (Nagle). Our own kernel acknowledges at once, but a jump host's takes 40 ms (delayed
acknowledgement), unless something travels back to the target in the meantime.
"""

from __future__ import annotations

import contextlib

from paramiko import Transport
from paramiko.common import cMSG_IGNORE
from paramiko.message import Message
from paramiko.ssh_exception import SSHException

LULLS_S = (0.004, 0.006, 0.01, 0.01, 0.02)
"""How long to wait for an answer before each nudge; in all a little longer than the stall."""


def nudge(link: Transport) -> None:
    """Send a packet that any server ignores (RFC 4253, 11.2), unless keys are being changed."""
    if link.clear_to_send.is_set():
        message = Message()
        message.add_byte(cMSG_IGNORE)
        message.add_string("")
        with contextlib.suppress(SSHException, EOFError, OSError):  # the next read tells
            link._send_message(message)
