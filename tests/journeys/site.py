"""A developer with a service that needs private and public modules, and the hosts where it has to run."""

import contextlib
import io
import secrets
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.demo.developer import Developer, free_port
from tests.demo.editor import configuration
from tests.demo.service import Line
from tests.internet import world
from tests.internet.gopher import Gopher
from tests.journeys.dap.client import Breakpoint, DapClient, Stop
from tests.lab.lab import Lab
from tests.patience import eventually

UNOPTIMISED = "-gcflags=all=-N -l"
IN_MAIN, IN_CLOCK = "// breakpoint in main", "// breakpoint in the private module"
TELL, TICK = "main.tell", "clock.(*Clock).Tick"
TICKS = 3
COPY_LIMIT_S = 60
START = """\
TELLER_STATE_DIR=/run/ticker "$1" >/dev/null 2>&1 & pid=$!; tries=500
until [ -e /run/ticker/$pid.json ] || [ $((tries -= 1)) = 0 ]; do sleep 0.1; done; echo $pid
"""


HOME_LISTED = """\
cd /home/dev && find . -path ./.config/go/telemetry -prune -o -printf '%y %m %p %l\\n' | sort
find . -path ./.config/go/telemetry -prune -o -type f -exec sha256sum {} + | sort
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a debugger showed: the breakpoints, where each function stopped, the private module's state there.

    ``tracer`` and ``ticks_on`` are of the service afterwards.
    """

    bound: list[Breakpoint]
    places: Mapping[str, Line]
    step: str
    tracer: int
    ticks_on: bool


@dataclass(frozen=True, slots=True)
class Site:
    """``gopher`` is the developer's own go; ``store`` is remotego's on every host."""

    lab: Lab
    developer: Developer
    gopher: Gopher
    workspace: Path
    store: str

    def beside(self, **variables: str) -> Developer:
        """The same developer in another terminal, with other variables."""
        return Developer(self.workspace, _tell, **variables)

    def home(self, host: str) -> str:
        """Every name, mode and byte of the home there, but for what go counts for itself."""
        return self.lab.exec(host, "sh", "-c", HOME_LISTED)

    def own_files(self) -> dict[str, bytes]:
        """Every file of the workspace."""
        files = (path for path in sorted(self.workspace.rglob("*")) if path.is_file())
        return {str(path.relative_to(self.workspace)): path.read_bytes() for path in files}

    def go(self, *words: str) -> str:
        """Run the developer's go in the workspace; an AssertionError with what it says when it fails."""
        done = self.gopher.go(*words, cwd=self.workspace)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    def prefer_go(self, **settings: str) -> None:
        """Set variables as ``go env -w`` does, for remotego too, and where the developer's go keeps its modules."""
        own = {name: self.gopher.env[name] for name in ("GOPATH", "GOFLAGS")}
        self.go("env", "-w", *(f"{name}={value}" for name, value in (own | settings).items()))

    def lines(self) -> dict[str, Line]:
        """The two lines of the journey, by function: in the workspace, and in the module cache."""
        clock = Path(self.go("list", "-m", "-f", "{{.Dir}}", world.CLOCK).strip()) / "clock.go"
        return {TELL: _marked(self.workspace / "main.go", IN_MAIN), TICK: _marked(clock, IN_CLOCK)}

    def put(self, host: str, folder: str, *files: Path) -> None:
        """Copy files to a folder of the host, as scp does."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for file in files:
                tar.add(file, file.name)
        unpack = f"mkdir -p {folder} && tar -C {folder} -xf -"
        argv: list[str | Path] = ["ssh", "-F", self.lab.ssh_config, host, unpack]
        subprocess.run(argv, input=packed.getvalue(), check=True, capture_output=True, timeout=COPY_LIMIT_S)

    @contextlib.contextmanager
    def running(self, host: str, program: str) -> Iterator[int]:
        """The service on a host, for as long as the block lasts; its process number, once it ticks."""
        pid = int(self.lab.exec(host, "sh", "-c", START, "sh", program))
        try:
            assert self.lab.count(pid, host)
            yield pid
        finally:
            self.lab.kill(pid, host)

    def debugged(self, host: str, pid: int) -> Seen:
        """Generate, attach, stop at both lines, look, go on, leave: with an editor's client that nobody here wrote."""
        choice, lines = ("--host", host, "--pid", str(pid)), self.lines()
        self.developer.run("gen-launch", *choice)
        launch = configuration(self.workspace, f"@{host}")
        with self.developer.debugging(*choice, "--local-port", str(launch["port"])), DapClient() as editor:
            bound = editor.attach(launch["port"], launch, {line.path: [line.number] for line in lines.values()})
            stops = _one_of_each(editor)
            step = editor.evaluate(stops[TICK].top, "c.Step.Name").value
            for line in lines.values():
                editor.set_breakpoints(line.path)
            editor.resume(next(reversed(stops.values())))
            editor.disconnect()
        places = {function: Line(Path(stop.top.path), stop.top.line) for function, stop in stops.items()}
        return Seen(bound, places, step, self._tracer(host, pid), self._ticks(host, pid))

    def _tracer(self, host: str, pid: int) -> int:
        status = self.lab.exec(host, "cat", f"/proc/{pid}/status", user="root")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("TracerPid:"))

    def _ticks(self, host: str, pid: int) -> bool:
        first = self.lab.count(pid, host)
        return eventually(lambda: self.lab.count(pid, host) >= first + TICKS)


def _one_of_each(editor: DapClient) -> dict[str, Stop]:
    """The next stop in the service, and the one after it in the private module, which the service calls there."""
    first = editor.stopped()
    if first.top.function != TELL:
        editor.resume(first)
        first = editor.stopped()
    editor.resume(first)
    second = editor.stopped()
    return {stop.top.function: stop for stop in (first, second)}


def _marked(path: Path, mark: str) -> Line:
    numbers = [number for number, text in enumerate(path.read_text().splitlines(), 1) if text.endswith(mark)]
    return Line(path, numbers[0])


@contextlib.contextmanager
def site(lab: Lab, folder: Path) -> Iterator[Site]:
    """A developer at a new laptop; at the end nothing of theirs is on the hosts."""
    workspace = world.check_out(folder / "work" / "teller")
    developer = Developer(workspace, _tell)
    store = f"/home/dev/.site-{secrets.token_hex(4)}"
    developer.prefer(ssh_config=str(lab.ssh_config), local_port=free_port(), store=store)
    gopher = Gopher(folder / "home", {"GOENV": str(workspace.parent / "config" / "go" / "env")})
    yield Site(lab, developer, gopher, workspace, store)


def _tell(words: Sequence[str]) -> None:
    """Show what the developer types, and when."""
    print(f"{time.strftime('%T')} $", *words, flush=True)
