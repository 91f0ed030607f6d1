"""Signing in with the user's keys, in the order ssh offers them. Passwords are never used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from paramiko import PKey
from paramiko.agent import AgentKey
from paramiko.auth_strategy import AuthFailure, AuthSource, AuthStrategy
from paramiko.ssh_exception import AuthenticationException

from remotego.adapters.ssh.agent import HopAgent
from remotego.adapters.ssh.errors import LoginRefusedError, describe
from remotego.adapters.ssh.keys import Identity, KeyRing, certify, read_certificates, read_identity
from remotego.adapters.ssh.knownhosts import fingerprint
from remotego.adapters.ssh.link import Link
from remotego.core.target import Hop
from remotego.core.terminal import inert


class MoreWantedError(AuthenticationException):  # type: ignore[misc]  # paramiko has no types
    """The key is right and not enough."""


class Offer(AuthSource):  # type: ignore[misc]  # paramiko has no types
    """One key to try; ``load`` is called when its turn comes."""

    def __init__(self, user: str, label: str, load: Callable[[Link], Any]) -> None:
        super().__init__(username=user)
        self.label = label
        self._load = load

    def authenticate(self, link: Link) -> list[str]:
        """Try it. Raises AuthenticationException, or UnusableKeyError for a key that cannot be loaded."""
        if not link.is_active():
            raise AuthenticationException("not tried: the server had hung up")
        wanted = link.auth_publickey(self.username, self._load(link))
        if wanted:
            raise MoreWantedError(f"accepted, but the server also wants {' or '.join(wanted)}")
        return wanted


class KeyStrategy(AuthStrategy):  # type: ignore[misc]  # paramiko has no types
    """Certificates first, then agent keys the config names, other agent keys, files (sshconnect2.c)."""

    def __init__(self, hop: Hop, ring: KeyRing) -> None:
        super().__init__(ssh_config=None)
        self._hop = hop
        self._ring = ring
        self._agent = HopAgent(hop.agent)

    def authenticate(self, transport: Link) -> Any:
        """Sign in, or raise LoginRefusedError saying what was tried."""
        try:
            return super().authenticate(transport)
        except AuthFailure as failure:
            raise LoginRefusedError(describe(self._hop), _tell(failure.result)) from failure
        finally:
            self._agent.close()

    def get_sources(self) -> Iterator[Offer]:
        """Give each key once, in order."""
        found = (read_identity(path) for path in self._hop.identities)
        identities = list({each.blob or each.path: each for each in found if each}.values())
        yield from self._certificates(identities)
        named = {each.blob for each in identities}
        held = {key.asbytes() for key in self._agent.keys}
        agent_keys = sorted(self._agent.keys, key=lambda key: key.asbytes() not in named)
        for key in agent_keys:
            if key.asbytes() in named or not self._hop.identities_only:
                yield self._from_agent(key)
        for each in identities:
            if each.usable and each.blob not in held:
                yield self._from_file(each)

    def _certificates(self, identities: Sequence[Identity]) -> Iterator[Offer]:
        for each in identities:
            held = next((key for key in self._agent.keys if key.asbytes() == each.blob), None)
            for path in read_certificates(each, self._hop.certificates):
                if held is not None:
                    yield self._offer(f"certificate {path} with the agent's key", partial(_certified, held, path))
                elif each.usable:
                    yield self._offer(f"certificate {path}", partial(self._unlock_certified, each, path))

    def _from_agent(self, key: Any) -> Offer:
        label = f"agent key {key.get_name()} {fingerprint(key.asbytes())} {inert(key.comment)}".strip()
        return self._offer(label, lambda _link: key)

    def _from_file(self, identity: Identity) -> Offer:
        return self._offer(str(identity.path), partial(self._unlock, identity))

    def _offer(self, label: str, load: Callable[[Link], Any]) -> Offer:
        return Offer(self._hop.user, label, load)

    def _unlock(self, identity: Identity, link: Link) -> PKey:
        """Load a key; before its passphrase is asked for, the server says if it wants that key at all."""
        if identity.locked and identity.blob is not None:
            public = PKey.from_type_string(identity.kind, identity.blob)
            if not link.login.would_take(self._hop.user, public):
                raise AuthenticationException("refused")
        return self._ring.load(identity)

    def _unlock_certified(self, identity: Identity, path: Path, link: Link) -> PKey:
        return certify(self._unlock(identity, link), path)


def _certified(key: AgentKey, path: Path, _link: Link) -> AgentKey:
    """Join a certificate to a copy of an agent's key: the key itself is offered without it later."""
    return certify(AgentKey(key.agent, key.blob, key.comment), path)


def _tell(result: Any) -> str:
    lines = [f"{source.label}: {_reason(outcome)}" for source, outcome in result]
    return "; ".join(lines) or "there are none (no agent, no key file)"


def _reason(outcome: Exception) -> str:
    text = inert(str(outcome)).strip().rstrip(".")
    return "refused" if text == "Authentication failed" else text or type(outcome).__name__
