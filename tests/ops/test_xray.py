"""The X-ray on real accounts: it says what each way of starting a program says itself, and names the line."""

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jsonschema import validate

from remotego.adapters.files import schema
from remotego.adapters.ssh.network import SshNetwork
from remotego.core.progress import Silence
from remotego.core.transport import Script
from remotego.golang.goenv import Setting
from remotego.host.comparison import differing
from remotego.host.contexts import BOTH, COMMAND, INTERACTIVE, LOGIN, UNITS, WATCHED, Context, contexts
from remotego.host.startup import Cause
from remotego.ops.engine import ask
from remotego.ops.xray import Xray, xray
from tests.host.test_shellenv import DEBIAN, DEBIAN_PROFILE, FEDORA, FEDORA_PROFILE
from tests.lab.fixtures import need
from tests.lab.lab import Lab
from tests.lab.variants import Variant, variants
from tests.ops.controllers import Controller
from tests.ops.test_remote_env import EMPTIED, Account
from tests.ops.user_manager import HOME, UserManager

SSHD_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/games"
MINI_SDK = "/opt/xray-go"


@pytest.fixture(scope="module")
def network(lab: Lab) -> Iterator[SshNetwork]:
    """One network for all: a connection per account."""
    with SshNetwork(lab.ssh_config) as network:
        yield network


@pytest.fixture
def account(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Account]:
    """An account by its name, with an empty home."""
    account = Account(lab, request.param)
    account.sh(f"tar -C {account.home} -cf {account.saved} .")
    account.sh(EMPTIED)
    yield account
    account.sh(EMPTIED)
    account.sh(f"tar -C {account.home} -xpf {account.saved} && rm {account.saved}")


@pytest.fixture(scope="module")
def sdk(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As much of a real Go on app as `go env` needs."""
    goroot = Path(subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip())
    folder = tmp_path_factory.mktemp("sdk") / "go"
    (folder / "pkg" / "tool" / "linux_amd64").mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "go").write_bytes((goroot / "bin" / "go").read_bytes())
    (folder / "go.env").write_text(
        "GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n"
    )
    lab.engine.docker("cp", folder, f"{lab.containers['app']}:{MINI_SDK}")
    lab.exec("app", "chmod", "-R", "a+rX,a+x", MINI_SDK, user="root")
    yield MINI_SDK
    lab.exec("app", "rm", "-r", MINI_SDK, user="root")


@pytest.fixture
def etc(lab: Lab) -> Iterator["Etc"]:
    """Files below /etc of app, put back at the end."""
    changed = Etc(lab)
    yield changed
    changed.restore()


class Etc:
    """Writes system-wide files, and puts them back."""

    def __init__(self, lab: Lab) -> None:
        self._lab, self._made = lab, list[str]()

    def write(self, path: str, text: bytes) -> None:
        """Give a file a content; one that is there already is kept for later."""
        octal = "".join(f"\\{byte:03o}" for byte in text)
        script = f"[ ! -e {path} ] || cp -a {path} {path}.saved; printf '{octal}' >{path}; chmod 644 {path}"
        self._lab.exec("app", "sh", "-c", script, user="root")
        self._made.append(path)

    def restore(self) -> None:
        """Put all back."""
        for path in self._made:
            script = f"rm {path}; [ ! -e {path}.saved ] || mv {path}.saved {path}"
            self._lab.exec("app", "sh", "-c", script, user="root")


def look(network: SshNetwork, alias: str, user: str | None = None) -> Xray:
    """X-ray an account."""
    return xray(network, alias, Silence(), user=user)


def watched(printed: str) -> dict[str, str]:
    """The variables that count, of what env has printed after any noise."""
    pairs = [line.partition("=") for line in printed.splitlines()]
    return {name: value for name, equals, value in pairs if equals and value and name in WATCHED}


def truths(account: Account) -> dict[str, dict[str, str]]:
    """What each context says by itself, asked without us."""
    shell = account.user.removeprefix("sh-")
    start = f"env -i HOME={account.home} USER={account.user} LANG=C PATH={SSHD_PATH} {shell} -ic env"
    with tempfile.TemporaryDirectory() as folder:
        control = ("-o", "ControlMaster=auto", "-o", f"ControlPath={folder}/s", "-o", "ControlPersist=60")
        argv = ["ssh", "-F", str(account.lab.ssh_config), *control, account.host]

        def said(*command: str, typed: str = "") -> dict[str, str]:
            done = subprocess.run([*argv, *command], input=typed, stdout=subprocess.PIPE, text=True, timeout=60)
            return watched(done.stdout)

        try:
            return {
                COMMAND: said("env"),
                LOGIN: said(typed="env; exit\n"),
                INTERACTIVE: watched(account.sh(f"{start} </dev/null 2>/dev/null")),
                BOTH: said(f"env VSCODE_RESOLVING_ENVIRONMENT=1 {shell} -ilc env </dev/null 2>/dev/null"),
            }
        finally:
            subprocess.run([*argv[:-1], "-O", "exit", account.host], capture_output=True, timeout=60)


def causes(seen: Xray, name: str) -> dict[str, str]:
    """The line that gives a variable its value, by context."""
    return {one.name: str(one.causes[name]) for one in seen.seen.contexts if name in one.causes}


EARLY = b"export GOPROXY=https://early.example,direct\n"
LATE = b"export GOPROXY='https://late.example,off'\nPATH=/opt/late/bin:$PATH\n"
NOISE = b'echo "noise from $0"; printf "\\033[2J\\033]0;title\\007"; echo "more" >&2\n'
RESOLVING = b'[ -z "$VSCODE_RESOLVING_ENVIRONMENT" ] || export GONOSUMDB=resolved\n'
EXPORTS = b"export PATH\n"

LAYOUTS: Mapping[tuple[str, str], tuple[Mapping[str, bytes], Mapping[str, str]]] = {
    ("sh-bash", "debian"): (
        {".bashrc": EARLY + DEBIAN + LATE, ".profile": DEBIAN_PROFILE + b"export GOFLAGS='-mod=mod -v'\n"},
        {COMMAND: ".bashrc:1", LOGIN: ".bashrc:1", INTERACTIVE: ".bashrc:10", BOTH: ".bashrc:10"},
    ),
    ("sh-bash", "fedora"): (
        {".bashrc": FEDORA + NOISE, ".bash_profile": FEDORA_PROFILE, ".bashrc.d/go": LATE},
        {COMMAND: ".bashrc.d/go:1", LOGIN: ".bashrc.d/go:1", INTERACTIVE: ".bashrc.d/go:1", BOTH: ".bashrc.d/go:1"},
    ),
    ("sh-bash", "functions and eval"): (
        {
            ".bash_profile": b'. ~/.fn\nset_go\neval "export GOFLAGS=-x"\n' + RESOLVING,
            ".fn": b"set_go() {\n  export GOPROXY=https://in.function\n}\n",
        },
        {LOGIN: ".fn:2", BOTH: ".fn:2"},
    ),
    ("sh-zsh", "every file"): (
        {
            ".zshenv": NOISE + EARLY,
            ".zprofile": b"path=(/opt/p $path)\n",
            ".zshrc": b"# mine\nif true; then\n  export GOPROXY=https://rc.example\nfi\n",
        },
        {COMMAND: ".zshenv:2", LOGIN: ".zshenv:2", INTERACTIVE: ".zshrc:3", BOTH: ".zshrc:3"},
    ),
    ("sh-fish", "config and conf.d"): (
        {
            ".config/fish/conf.d/go.fish": b"set -gx GOPROXY https://conf.example\nfish_add_path -g -p /opt/f\n",
            ".config/fish/config.fish": b"echo noise\nif status is-login\n  set -gx GOPROXY 'https://login.example'\nend\n",
        },
        {
            COMMAND: ".config/fish/conf.d/go.fish:1",
            LOGIN: ".config/fish/config.fish:3",
            INTERACTIVE: ".config/fish/conf.d/go.fish:1",
            BOTH: ".config/fish/config.fish:3",
        },
    ),
    ("sh-fish", "universal variables"): (
        {
            ".config/fish/fish_variables": b"# VERSION: 3.0\nSETUVAR --export GOPROXY:https\\x3a//uni\\x2eexample\n"
            b"SETUVAR fish_user_paths:/opt/uni\\x1e/opt/more\n"
        },
        dict.fromkeys((COMMAND, LOGIN, INTERACTIVE, BOTH), ".config/fish/fish_variables:2"),
    ),
    ("sh-dash", "profile"): (
        {".profile": NOISE + EARLY + b". ~/.more\n", ".more": LATE},
        {LOGIN: ".more:1", BOTH: ".more:1"},
    ),
    ("sh-dash", "a file by ENV"): (
        {".profile": b"export ENV=$HOME/.shrc\n", ".shrc": b"# mine\n" + EARLY},
        {BOTH: ".shrc:2"},
    ),
    ("sh-ash", "profile"): ({".profile": EARLY + LATE + EXPORTS}, {LOGIN: ".profile:2", BOTH: ".profile:2"}),
}


@pytest.mark.parametrize(("account", "layout"), LAYOUTS, indirect=["account"])
def test_it_says_what_the_shells_say(network: SshNetwork, account: Account, layout: str) -> None:
    """Every context as that way of starting says it itself; GOPROXY with the line that gives it its value."""
    written, expected = LAYOUTS[account.user, layout]
    for name, text in written.items():
        account.write(name, text)
    seen = look(network, account.host)
    told = {one.name: dict(one.variables) for one in seen.seen.contexts if one.name != UNITS}
    assert truths(account) == told
    assert {name: f"{account.home}/{line}" for name, line in expected.items()} == causes(seen, "GOPROXY")


BROKEN: Mapping[tuple[str, str], tuple[str, bytes, str]] = {
    ("sh-bash", "leaves"): (".bash_profile", b"exit 3\n", "(exit code 3)"),
    ("sh-bash", "waits for input"): (".bash_profile", b"read -r answer; export GOPROXY=x\n", ""),
    ("sh-zsh", "leaves"): (".zprofile", b"echo I leave; exit 4\n", "I leave (exit code 4)"),
    ("sh-zsh", "is another's"): (
        ".zprofile",
        b"exec fish\n",
        "ends in another program (exec, /home/sh-zsh/.zprofile:1)",
    ),
    ("sh-bash", "is killed"): (".bash_profile", b"kill -9 $$\n", "killed (SIGKILL)"),
    ("sh-dash", "does not parse"): (".profile", b"if then\n", "Syntax error"),
}


@pytest.mark.parametrize(("account", "kind"), BROKEN, indirect=["account"])
def test_a_start_that_breaks_is_said(network: SshNetwork, account: Account, kind: str) -> None:
    """With the shell's own last words; the other contexts are told all the same."""
    name, text, said = BROKEN[account.user, kind]
    account.write(name, text)
    seen = look(network, account.host).seen
    error = seen.named(LOGIN).error
    assert (said == "", True, SSHD_PATH) == (
        error is None,
        error is None or said in error,
        seen.named(COMMAND).variables["PATH"],
    )


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_a_trace_gets_into_no_file(network: SshNetwork, account: Account) -> None:
    """A start-up file may use any descriptor that people use, and send its errors where it likes."""
    account.write(".bashrc", b"exec 9>>~/mine 8>>~/mine 2>>~/mine\nexport GOPROXY=https://a.example\n")
    seen = look(network, account.host)
    assert ("", f"{account.home}/.bashrc:2") == (account.read("mine"), causes(seen, "GOPROXY")[COMMAND])


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_a_start_that_hangs_is_ended(network: SshNetwork, account: Account) -> None:
    """After the time that a server of VS Code waits; nothing of it is left on the host."""
    account.write(".bash_profile", b"sleep 4711 & wait\n")
    seen = look(network, account.host).seen
    left = account.sh("grep -l [4]711 /proc/[0-9]*/cmdline 2>/dev/null | wc -l")
    hung = "it had not started after 10 s and was ended"
    assert ([None, hung, None, hung], "0\n") == (
        [seen.named(name).error for name in (COMMAND, LOGIN, INTERACTIVE, BOTH)],
        left,
    )


SECRETS = {
    "GOPROXY": (
        "me:hush@o.example,https://a.example,https://me:pa/s*s@p.example/x,me:hush@q.example|direct",
        "***@o.example,https://a.example,https://***@p.example/x,***@q.example|direct",
    ),
    "GOSUMDB": ("sum.example+1234+key me:hush@sum.example", "sum.example+1234+key ***@sum.example"),
    "HTTPS_PROXY": ("http://u:p,w@q:1", "http://***@q:1"),
    "http_proxy": ("u:pw/x y@q:1", "***@q:1"),
    "GOINSECURE": ("https://h.example/x?token=hush", "https://h.example/x?***"),
    "GOAUTH": ("tool /x --token hush", "tool ***"),
    "GOFLAGS": ("-mod=mod", "-mod=mod"),
}
"""What is set, and what is told of it."""


@pytest.mark.parametrize("account", ["sh-bash", "sh-dash"], indirect=True)
def test_secrets_do_not_leave_the_host(network: SshNetwork, account: Account, sdk: str) -> None:
    """Neither in a value nor in a line of a file, traced or read; each has its cause all the same."""
    lines = [f"export {name}='{value}'\n" for name, (value, _) in SECRETS.items()]
    account.write(".profile", "".join([*lines, f"export PATH={sdk}/bin:$PATH\n"]).encode())
    with network.reach(account.host) as host:
        answer = host.run(Script(contexts().script)).stdout.decode()
    login = contexts().parse(answer).named(LOGIN)
    told = {name: (value, login.causes[name].line) for name, value in login.variables.items() if name != "PATH"}
    assert {name: (shown, line) for line, (name, (_, shown)) in enumerate(SECRETS.items(), 1)} == told
    assert [] == [word for word in ("pa/", "s*s", "p,w", "pw/x", "hush") if word in answer]


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_go_env_has_origins(network: SshNetwork, account: Account, sdk: str) -> None:
    """The environment hides the file, the file hides GOROOT's; GOTOOLCHAIN is the true one, and nothing is fetched."""
    account.write(".bashrc", f"export PATH={sdk}/bin:$PATH GOPROXY=https://env.example GOTOOLCHAIN=\n".encode())
    account.write(".config/go/env", b"GOPROXY=https://file.example\nGOTOOLCHAIN=go1.99.0\nGOPRIVATE=*.corp.example\n")
    before = account.fingerprint()
    seen = look(network, account.host)
    found = {setting.name: setting for setting in seen.settings[COMMAND]}
    file = f"{account.home}/.config/go/env"
    assert [
        Setting("GOPROXY", "https://env.example", "environment", masks="https://file.example"),
        Setting("GOTOOLCHAIN", "go1.99.0", "go env file", place=f"{file}:2"),
        Setting("GOPRIVATE", "*.corp.example", "go env file", place=f"{file}:3"),
        Setting("GOSUMDB", "sum.golang.org", "GOROOT/go.env", place=f"{sdk}/go.env:2"),
        Setting("GOPATH", f"{account.home}/go", "default"),
        Setting("GOROOT", sdk, "default"),
        Setting("GOENV", file, "default"),
    ] == [found[name] for name in ("GOPROXY", "GOTOOLCHAIN", "GOPRIVATE", "GOSUMDB", "GOPATH", "GOROOT", "GOENV")]
    assert (f"{sdk}/bin/go", before) == (seen.seen.named(COMMAND).go, account.fingerprint())


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_a_go_that_cannot_say_is_no_end(network: SshNetwork, account: Account, sdk: str) -> None:
    """A wrong GOROOT: what the environment says is said, and why go did not."""
    account.write(".bashrc", f"export PATH={sdk}/bin:$PATH GOROOT=/wrong\n".encode())
    seen = look(network, account.host)
    answer = seen.seen.named(COMMAND).answer
    assert answer is not None
    assert (True, Setting("GOROOT", "/wrong", "environment")) == (
        "cannot find GOROOT" in answer.complaint,
        seen.settings[COMMAND][0],
    )


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_files_that_are_no_shells_are_named(account: Account, etc: Etc) -> None:
    """PAM gives every context what /etc/environment says at the login, and sshd passes it on."""
    etc.write("/etc/environment", b'# ours\nGOPROXY="https://etc.example"\nPATH="/opt/etc/bin:/usr/bin:/bin"\n')
    with SshNetwork(account.lab.ssh_config) as fresh:
        seen = look(fresh, account.host)
    command = seen.seen.named(COMMAND)
    assert (truths(account)[COMMAND], "/etc/environment:3") == (
        dict(command.variables),
        str(command.entries["/opt/etc/bin"]),
    )
    assert dict.fromkeys((COMMAND, LOGIN, INTERACTIVE, BOTH), "/etc/environment:2") == causes(seen, "GOPROXY")


@pytest.mark.parametrize("account", ["sh-fish"], indirect=True)
def test_fish_keeps_directories_in_a_variable(network: SshNetwork, account: Account) -> None:
    """Each has the line of its file that holds them."""
    account.write(".config/fish/fish_variables", b"# VERSION: 3.0\nSETUVAR fish_user_paths:/opt/uni\\x1e/opt/more\n")
    entries = look(network, account.host).seen.named(LOGIN).entries
    assert [f"{account.home}/.config/fish/fish_variables:2"] * 2 == [
        str(entries[one]) for one in ("/opt/uni", "/opt/more")
    ]


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_profile_d_is_named(network: SshNetwork, account: Account, etc: Etc) -> None:
    """A line of a file that /etc/profile reads."""
    etc.write("/etc/profile.d/zz-go.sh", b"export PATH=/opt/d/bin:$PATH\nexport GOSUMDB=off\n")
    seen = look(network, account.host)
    assert dict.fromkeys((LOGIN, BOTH), "/etc/profile.d/zz-go.sh:2") == causes(seen, "GOSUMDB")
    assert "/etc/profile.d/zz-go.sh:1" == str(seen.seen.named(LOGIN).entries["/opt/d/bin"])


FEDORAS_BASHRC = b"""if ! shopt -q login_shell ; then
    for i in /etc/profile.d/*.sh; do
        . "$i" >/dev/null
    done
fi
"""


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_fedoras_bashrc_reads_profile_d(network: SshNetwork, account: Account, etc: Etc) -> None:
    """So a command has what it says too, which Debian's has not."""
    etc.write("/etc/profile.d/zz-go.sh", b"export GOSUMDB=off\n")
    etc.write("/etc/bashrc", FEDORAS_BASHRC)
    account.write(".bashrc", FEDORA)
    account.write(".bash_profile", FEDORA_PROFILE)
    seen = look(network, account.host)
    assert dict.fromkeys((COMMAND, LOGIN, INTERACTIVE, BOTH), "/etc/profile.d/zz-go.sh:1") == causes(seen, "GOSUMDB")


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_another_user_by_sudo(network: SshNetwork, account: Account) -> None:
    """dev sees what that login sees itself."""
    account.write(".bashrc", EARLY + DEBIAN + LATE)
    account.write(".profile", DEBIAN_PROFILE)
    mine, theirs = look(network, account.host).seen, look(network, "app", account.user).seen

    def all_of(contexts: tuple[Context, ...]) -> list[object]:
        return [(one.name, one.variables, one.causes, one.error) for one in contexts]

    assert (all_of(mine.contexts), account.user) == (all_of(theirs.contexts), theirs.user)


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_running_servers_are_seen(network: SshNetwork, account: Account) -> None:
    """A server of an editor and gopls keep what they were started with."""
    server = ".vscode-server/cli/servers/Stable-1/server/out/server-main.js"
    account.write(server, b"exec 2>&-; while sleep 1; do :; done\n")
    account.sh("cp /bin/sleep ~/gopls")
    started = f'setsid sh "$HOME/{server}" & echo $!; GOFLAGS=-x setsid ~/gopls 600 & echo $!'
    pids = account.sh(f"export GOPROXY=https://old.example; exec 2>&-; {{ {started}; }} | head -2").split()
    try:
        seen = look(network, account.host)
        told = {
            one.what: (str(one.pid), one.variables["GOPROXY"], one.variables.get("GOFLAGS"))
            for one in seen.seen.holders
        }
        expected = {
            "VS Code server": (pids[0], "https://old.example", None),
            "gopls": (pids[1], "https://old.example", "-x"),
        }
        assert (expected, True) == (told, "GOFLAGS" in differing(seen.spreads))
    finally:
        account.sh(f"kill {' '.join(pids)}")


def test_roots_bash_is_read(network: SshNetwork, etc: Etc) -> None:
    """It takes no PS4 from outside, so its files are read in its order."""
    etc.write("/root/.bashrc", EARLY + LATE)
    told = look(network, "app", "root").seen.named(COMMAND)
    assert (Cause("/root/.bashrc", 2, "reading"), Cause("/root/.bashrc", 3, "reading")) == (
        told.causes["GOPROXY"],
        told.entries["/opt/late/bin"],
    )


def test_one_round_trip(lab: Lab, network: SshNetwork) -> None:
    """All contexts, and what go says, in one script."""
    from tests.ops.rounds import Rounds

    rounds = Rounds(network)
    xray(rounds, "app-zsh", Silence(), user=None)
    assert 1 == rounds.take()


def test_units_of_a_user_have_an_environment_of_their_own() -> None:
    """A real user manager's, with the file of environment.d that gives it."""
    need("systemctl", "setpriv", "unshare")
    manager = UserManager("GOPROXY=https://unit.example\nGOFLAGS=-x -v\n")
    units = ask(manager, contexts()).named(UNITS)  # type: ignore[call-overload]  # it only runs scripts
    told = (units.error, units.variables["GOPROXY"], units.variables["GOFLAGS"], str(units.causes["GOFLAGS"]))
    assert (None, "https://unit.example", "-x -v", f"{HOME}/.config/environment.d/go.conf:2") == told


SSHD_ENV = "GOFLAGS=-v"


@pytest.mark.parametrize("account", ["sh-dash"], indirect=True)
def test_what_sshd_gives_reaches_every_context(lab: Lab, account: Account, tmp_path: Path) -> None:
    """SetEnv of its command line, whose place nobody can tell, and ~/.ssh/environment with its line."""
    account.write(".ssh/environment", b"# mine\nGOPROXY=https://ssh.example\n")
    account.sh(f"chmod 700 {account.home}/.ssh")
    options = (f"SetEnv {SSHD_ENV}", "PermitUserEnvironment yes")
    variant = Variant("app", "env", options)
    with variants(lab, tmp_path, variant) as config, SshNetwork(config) as giving:
        seen = look(giving, f"{account.user}@{variant.alias}").seen
    given = {one.name: (one.variables.get("GOFLAGS"), one.causes.get("GOFLAGS")) for one in seen.contexts}
    file = f"{account.home}/.ssh/environment:2"
    assert dict.fromkeys((COMMAND, LOGIN, INTERACTIVE, BOTH), ("-v", None)) | {UNITS: (None, None)} == given
    assert [file] * 4 == [str(one.causes["GOPROXY"]) for one in seen.contexts if one.name != UNITS]


def test_a_host_with_nothing_but_busybox(network: SshNetwork) -> None:
    """Its ash is asked as any other shell."""
    seen = look(network, "tiny").seen
    assert [None] * 4 == [one.error for one in seen.contexts if one.name != UNITS]


@pytest.mark.parametrize("account", ["sh-bash"], indirect=True)
def test_what_people_and_machines_are_told(controller: Controller, account: Account) -> None:
    """Marks where something differs; a document that is as its schema says; a host that fails stops no other."""
    account.write(".bashrc", EARLY + DEBIAN + b"export GOPROXY=https://u:pw@late.example\n")
    hosts = ("--host", account.host, "--host", "app-rbash")
    document = controller.run("env", *hosts, "--json").document
    validate(document, schema("env"))
    assert (False, ["seen", "failed"]) == (document["ok"], [one["status"] for one in document["hosts"]])
    assert ["GOPROXY", "PATH"] == document["hosts"][0]["differs"]
    lines = controller.run("env", "--host", account.host).stdout.splitlines()
    home = account.home
    assert [
        f"{account.host}  ! GOPROXY  ssh command, login-interactive  https://early.example,direct  {home}/.bashrc:1",
        f"{account.host}  ! GOPROXY  login  (not set)",
        f"{account.host}  ! GOPROXY  interactive  https://***@late.example  {home}/.bashrc:10",
    ] == [line for line in lines if "GOPROXY" in line]


@pytest.mark.parametrize(("user", "code"), [("x;y", 2), ("no-such-user", 4), ("sh-zsh", 4)])
def test_a_user_that_may_not_be_looked_at(controller: Controller, user: str, code: int) -> None:
    """No name, nobody, or somebody whom sudo keeps from us."""
    assert code == controller.run("env", "--host", "app-other", "--user", user).exit_code
