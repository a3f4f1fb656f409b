"""How long the demo line takes to load, against what its bytes cost at least.

Floors, measured in the same run on the same files: unpacking and hashing every file, and decoding
every test file. Run it with nothing else busy: `.venv/bin/python -m benchmarks.demo_load [chips]`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from intake.domain.archives import Unpacked
from intake.domain.stdf.decoder import decode
from simulator.line import arrivals, simulate

ROOT = Path(__file__).parent.parent
CHIPS = 3000
END_AT = datetime(2026, 11, 23, tzinfo=UTC)
SECONDS_MAX = 1800


def main() -> None:
    """Print the figures, one a line."""
    chips = int(sys.argv[1]) if len(sys.argv) > 1 else CHIPS
    with tempfile.TemporaryDirectory() as folder:
        line = Path(folder) / "line"
        simulating = seconds(lambda: write(line, chips))
        paths = arrivals(line)
        hashing = seconds(lambda: hash_all(paths))
        decoding = seconds(lambda: decode_all(paths))
        loading = seconds(lambda: load(Path(folder) / "var", chips))
    tell(f"simulate {len(paths)} files", simulating, hashing)
    tell("floor: unpack and hash", hashing, hashing)
    tell("floor: decode test files", decoding, hashing)
    tell("load the demo, from an empty database", loading, decoding)


def seconds(work: Callable[[], None]) -> float:
    """Wall time of one run."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def write(line: Path, chips: int) -> None:
    """The same line that the demo loads, but for the day it ends on."""
    simulate(seed=20, chip_count=chips, end_at=END_AT, out=line)


def hash_all(paths: list[Path]) -> None:
    """Every byte that is stored, once."""
    for path in paths:
        with path.open("rb") as stream:
            whole = sha256()
            for chunk in Unpacked(stream).chunks():
                whole.update(chunk)


def decode_all(paths: list[Path]) -> None:
    """Every test file, into columns."""
    for path in paths:
        if ".stdf" in path.name:
            with path.open("rb") as stream:
                decode(Unpacked(stream).chunks())


def load(folder: Path, chips: int) -> None:
    """The whole command in a service of its own: database, doors, detectors, posting."""
    environment = {**os.environ, "SUPPLYCHAIN_VAR": str(folder)}
    for words in (["migrate", "-v0"], ["load_demo", f"--chips={chips}", "--strict"]):
        subprocess.run(  # noqa: S603
            [ROOT / "run", "manage", *words],
            check=True,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            timeout=SECONDS_MAX,
        )


def tell(what: str, taken: float, floor: float) -> None:
    """One line: name, seconds, and how many times the floor."""
    sys.stdout.write(f"{what:40} {taken:8.2f} s {taken / floor:8.1f} x\n")


if __name__ == "__main__":
    main()
