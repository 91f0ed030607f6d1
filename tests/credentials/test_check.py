"""What auth.check says of a private module, by a real go and git against a real server."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from remotego.core.progress import Silence
from remotego.core.settings import Settings
from remotego.credentials.entry import Entry
from remotego.ops.auth.broker import Asked, News
from remotego.ops.auth.check import Checked, Fetch, check, check_here
from remotego.ops.auth.there import ShownSecretError
from tests.credentials.conftest import Ground
from tests.credentials.forge import CANARY, PROXIED, go
from tests.credentials.lent import Fixed, allow, lent
from tests.ops.local_transport import LocalTransport


class Telling(LocalTransport):
    """This machine as a host, with variables that its logins have."""

    variables: dict[str, str]

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start a shell with them."""
        words = [f"{name}={value}" for name, value in self.variables.items()]
        return subprocess.Popen(
            ("/usr/bin/env", "-i", f"HOME={self.home}", f"PATH={self._path}", *words, "/usr/bin/dash", "-s"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )


def tried(
    ground: Ground, target: str, *entries: Entry, trusted: bool = True, narrow: bool = False, **variables: str
) -> Checked:
    """Check on a host whose go asks the forge's proxy alone."""
    return heard(ground, target, entries, [].append, trusted=trusted, narrow=narrow, **variables)


def heard(
    ground: Ground,
    target: str,
    entries: tuple[Entry, ...],
    tell: Callable[[News], None],
    *,
    trusted: bool = True,
    narrow: bool = True,
    **variables: str,
) -> Checked:
    """Check, and hear what is lent."""
    host = Telling(ground.home)
    trust = {name: str(ground.forge.authority) for name in ("SSL_CERT_FILE", "GIT_SSL_CAINFO")} if trusted else {}
    host.variables = {"GOPROXY": f"{ground.forge.url}/proxy", "GONOSUMDB": "*", **trust, **variables}
    settings = replace(Settings(), remote_go=str(go()))
    return check(Fixed(host), "here", settings, Fetch(target, entries, narrow, tell), Silence())


def test_a_private_module_comes(ground: Ground) -> None:
    """With a credential, and nothing of the trial is left."""
    room = ground.home / "tmp"
    room.mkdir()
    checked = tried(ground, PROXIED, *allow(f"{ground.forge.url}/proxy"), TMPDIR=str(room))
    assert ("fetched", {"granted"}) == (checked.verdict.code, {one.outcome for one in checked.hints}), checked
    assert [] == list(room.iterdir())


def test_a_private_repository_comes(ground: Ground) -> None:
    """By git alone."""
    url = f"{ground.forge.url}/team/svc.git"
    assert "fetched" == tried(ground, url, *allow(url)).verdict.code


@pytest.mark.parametrize(
    ("path", "allowed", "code"),
    [
        ("/forbidden/svc.git", "/forbidden", "forbidden"),
        ("/team/none.git", "/team", "not-found"),
        ("/team/svc.git", "/team/other", "not-allowed"),
    ],
)
def test_the_servers_no_is_told_apart(ground: Ground, path: str, allowed: str, code: str) -> None:
    """403 is not 404, and neither is what git was not told to ask us for."""
    checked = tried(ground, f"{ground.forge.url}{path}", *allow(f"{ground.forge.url}{allowed}"))
    assert code == checked.verdict.code, checked


def test_who_was_asked_is_told_whole(ground: Ground) -> None:
    """The "@" of a module proxy's paths is that of no login: the verdict goes by the host in front of it."""
    checked = tried(ground, "none.example/m", *allow(f"{ground.forge.url}/proxy"))
    assert f"{ground.forge.url}/proxy/none.example/m/@v/list" in checked.said, checked


def test_a_module_outside_the_allow_list(ground: Ground) -> None:
    """The remedy is the very flag."""
    checked = tried(ground, PROXIED, *allow(f"{ground.forge.url}/team"))
    assert "not-allowed" == checked.verdict.code, checked
    assert f"--allow {ground.forge.url}/proxy" in checked.verdict.remedy


def test_a_credential_that_has_expired(ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A 401 to what was granted is told from one to nobody."""
    netrc = tmp_path / "other"
    netrc.write_text(f"machine localhost:{ground.forge.port} login ann password stale\n")
    monkeypatch.setenv("NETRC", str(netrc))
    url = f"{ground.forge.url}/team/svc.git"
    codes = [tried(ground, one, *allow(f"{ground.forge.url}")).verdict.code for one in (url, PROXIED)]
    assert ["rejected", "rejected"] == codes


def test_no_source_has_a_credential(ground: Ground, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The cause is here, and not there."""
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    checked = tried(ground, PROXIED, *allow(f"{ground.forge.url}/proxy"))
    assert "no-credential" == checked.verdict.code
    assert "has nothing for localhost" in checked.verdict.text


def test_a_certificate_that_is_not_trusted(ground: Ground) -> None:
    """Told for both go and git."""
    url = f"{ground.forge.url}/team/svc.git"
    codes = [tried(ground, one, *allow(ground.forge.url), trusted=False).verdict.code for one in (url, PROXIED)]
    assert ["tls", "tls"] == codes


def test_plain_http_has_no_secrets(ground: Ground) -> None:
    """go and git send none of ours there, and nothing is granted."""
    checked = tried(ground, f"http://localhost:{ground.forge.port}/team/svc.git", *allow(ground.forge.url))
    assert ("http", ()) == (checked.verdict.code, checked.hints)


def test_goauth_in_the_environment_hides_ours(ground: Ground) -> None:
    """What the login exports wins over go's own file."""
    assert "goauth" == tried(ground, PROXIED, *allow(ground.forge.url), GOAUTH="netrc").verdict.code


def test_here_alone_it_says_whether_a_source_has_one(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a host nothing is fetched."""
    url = f"{ground.forge.url}/team"
    found = check_here(url, allow(url))
    assert ("available", False) == (found.verdict.code, CANARY in repr(found))
    monkeypatch.delenv("NETRC")
    monkeypatch.setenv("HOME", str(ground.home))
    assert "no-credential" == check_here(url, allow(url)).verdict.code


def test_only_what_the_target_needs_is_lent_and_each_time_it_is_told(ground: Ground) -> None:
    """Of the tables, the proxy's counts, and not that of another place; who watches hears of every grant."""
    told: list[News] = []
    checked = heard(ground, PROXIED, allow(f"{ground.forge.url}/proxy", f"{ground.forge.url}/team"), told.append)
    other = heard(ground, PROXIED, allow(f"{ground.forge.url}/team"), told.append)
    assert ("fetched", "not-allowed") == (checked.verdict.code, other.verdict.code)
    assert {("granted", "/proxy"), ("not-allowed", None)} == {
        (one.outcome, one.entry.prefix.path if one.entry else None) for one in told if isinstance(one, Asked)
    }


@pytest.mark.parametrize(
    "proxy",
    ["https://ann:hush@proxy.example", "https://proxy.example/?token=hush,direct", "off|ann:hush@proxy.example"],
)
def test_a_proxy_with_a_password_is_refused_before_go_shows_it(ground: Ground, proxy: str) -> None:
    """go would start our program with the URL as its argument."""
    with pytest.raises(ShownSecretError) as refusal:
        tried(ground, PROXIED, *allow(f"{ground.forge.url}/proxy"), GOPROXY=proxy)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("file", "line"),
    [(".config/go/env", "GOPROXY=%s"), (".profile", "export GOPROXY='%s'"), (".zshenv", 'export GOPROXY="%s"')],
)
def test_no_connection_begins_where_a_proxy_shows_a_password(ground: Ground, file: str, line: str) -> None:
    """The file and the line are named, and nothing is written."""
    place = ground.home / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("# mine\n" + line % "https://ann:hush@proxy.example" + "\n")
    with (
        pytest.raises(ShownSecretError, match=f"{place}:2"),
        lent(Fixed(ground.host), allow(f"{ground.forge.url}/team")),
    ):
        pass
    assert not (ground.home / ".gitconfig").exists()
