"""Run the fuzzers of JSON with comments: ``python -m tests.fuzz --help``."""

import argparse
import importlib
import sys
import time
from pathlib import Path
from random import Random

from tests.fuzz.jsonc import broken_document, consume, is_same, trial
from tests.vscode.documents import document
from tests.vscode.laws import broken_laws
from tests.vscode.oracle import LIMITS, ask, record

RECORDED = 250
SEEDS = 200
CORPUS = Path(".fuzz")
"""What atheris begins with, and what it adds; not kept in the repository."""

ANEW = ("remotego.vscode", "tests.vscode", "tests.fuzz.jsonc")
"""Modules to import again so that atheris sees their branches."""


def main() -> int:
    """Do what the options say; 1 if a law was broken."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--documents", type=int, default=0, help="documents to hold to the laws, each also broken")
    options.add_argument("--first", type=int, default=0, help="number of the first document")
    options.add_argument("--oracle", action="store_true", help="ask VS Code's parser too (needs node and npm)")
    options.add_argument("--record", action="store_true", help="keep what VS Code's parser says, for the tests")
    options.add_argument("--seconds", type=float, default=0, help="feed bytes for so long; by atheris where it is")
    given = options.parse_args()
    if given.record:
        record([text for seed in range(RECORDED) for text in (document(seed).text, broken_document(seed))])
        return 0
    seeds = range(given.first, given.first + given.documents)
    wrong = hold(seeds) + (disagreements(seeds) if given.oracle else 0)
    if given.seconds:
        feed(given.seconds)
    return 1 if wrong else 0


def hold(seeds: range) -> int:
    """Hold documents, and what is left of them when broken, to the laws; print and count the failures."""
    start, wrong, taken = time.monotonic(), 0, 0
    for seed in seeds:
        if broken := broken_laws(document(seed)):
            wrong += 1
            print(f"document {seed}: {broken}", flush=True)
        try:
            taken += trial(broken_document(seed), Random(seed))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            wrong += 1
            print(f"broken document {seed}: {error!r}", flush=True)
    print(
        f"{len(seeds)} documents and {len(seeds)} broken ones ({taken} of them still readable): "
        f"{wrong} failures, {time.monotonic() - start:.0f} s",
        flush=True,
    )
    return wrong


def disagreements(seeds: range) -> int:
    """Compare our reading with that of VS Code's parser; print and count the differences."""
    texts = [text for seed in seeds for text in (document(seed).text, broken_document(seed))]
    wrong = [
        text for text, (taken, value) in zip(texts, ask(texts), strict=True) if not is_same(text, taken, value, LIMITS)
    ]
    for text in wrong[:20]:
        print("read in another way by VS Code:", repr(text))
    print(f"{len(texts)} texts read by VS Code's parser too: {len(wrong)} differences", flush=True)
    return len(wrong)


def feed(seconds: float) -> None:
    """Feed the target with bytes: led by coverage if atheris is installed, by chance if not."""
    try:
        import atheris
    except ImportError:
        chance(seconds)
        return
    with atheris.instrument_imports(include=["remotego.vscode"]):
        for name in [name for name in sys.modules if name.startswith(ANEW)]:
            del sys.modules[name]
        target = importlib.import_module("tests.fuzz.jsonc").consume
    CORPUS.mkdir(exist_ok=True)
    for seed in range(SEEDS):
        (CORPUS / str(seed)).write_bytes(document(seed).text.encode())
    bounds = [f"-max_total_time={int(seconds)}", "-max_len=600", f"-artifact_prefix={CORPUS}/"]
    atheris.Setup([sys.argv[0], *bounds, str(CORPUS)], target)
    atheris.Fuzz()


def chance(seconds: float) -> None:
    """Break documents at random until the time is over."""
    end, seed = time.monotonic() + seconds, time.time_ns()
    while time.monotonic() < end:
        consume(broken_document(seed).encode(errors="replace"))
        seed += 1
    print("done", flush=True)


if __name__ == "__main__":
    sys.exit(main())
