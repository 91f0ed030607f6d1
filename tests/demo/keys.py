"""Keys of one run, and the ssh_config that trusts exactly these."""

import asyncssh

from tests.demo.place import JUMP, LOGIN, TARGET, TARGET_ADDRESS, Place

CONFIG = """\
Host {jump}
    HostName 127.0.0.1
    Port {port}

Host {target}
    HostName {address}
    ProxyJump {jump}

Host *
    User {login}
    IdentityFile "{ours}/id_ed25519"
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile "{ours}/known_hosts"
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
"""


def make(place: Place) -> None:
    """Write a login key for the developer and a host key for each server."""
    login = asyncssh.generate_private_key("ssh-ed25519", "remotego demo")
    (place.ours / "id_ed25519").touch(mode=0o600)
    login.write_private_key(place.ours / "id_ed25519")
    login.write_public_key(place.authorized_keys)
    for name in (JUMP, TARGET):
        asyncssh.generate_private_key("ssh-ed25519").write_private_key(place.host_key(name))


def trust(place: Place, jump_port: int) -> None:
    """Write known_hosts and ssh_config, as a developer has them who checked both keys."""
    names = {JUMP: f"[127.0.0.1]:{jump_port}", TARGET: TARGET_ADDRESS}
    lines = (f"{names[name]} {_public(place, name)}\n" for name in names)
    (place.ours / "known_hosts").write_text("".join(lines))
    place.ssh_config.write_text(
        CONFIG.format(jump=JUMP, target=TARGET, address=TARGET_ADDRESS, login=LOGIN, port=jump_port, ours=place.ours)
    )


def _public(place: Place, name: str) -> str:
    return asyncssh.read_private_key(place.host_key(name)).export_public_key().decode().strip()
