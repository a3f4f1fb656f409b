"""Verbs, bulk, traces and pages of `lots`, each beside its floor in the same run.

`.venv/bin/python -m benchmarks.lots [verbs] [bulk] [traces] [pages] [--fleet CHIPS]`: all four
unless named, on a database of its own that is thrown away. Run it with nothing else busy.

traces and pages are measured on a tenth of a deployed fleet and on the whole, which is filled in by
COPY with the ledger's guards off, on a server that forgets (no fsync): only reads are timed there.
verbs and bulk keep every promise of durability.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from supplychain.launch.places import find_places
from supplychain.launch.tests_run import database

ROOT = Path(__file__).parents[2]
CHIPS = 1_400_000
WRITES, READS = ("verbs", "bulk"), ("traces", "pages")


def main() -> None:
    """Run each part inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=[*WRITES, *READS])
    parser.add_argument("--fleet", type=int, default=CHIPS)
    asked = parser.parse_args()
    if unknown := set(asked.parts) - {*WRITES, *READS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        _write([part for part in asked.parts if part in WRITES], folder)
        _read([part for part in asked.parts if part in READS], folder, asked.fleet)


def _write(parts: Sequence[str], folder: str) -> None:
    if parts:
        _manage(folder, {}, "migrate", "-v0")
    for part in parts:
        code = f"from benchmarks.lots.{part} import main; main()"
        _manage(folder, {}, "shell", "-v0", "-c", code)


def _read(parts: Sequence[str], folder: str, chips: int) -> None:
    if not parts:
        return
    places = find_places()
    places.prepare()
    with database(places) as url:
        environment = {"DATABASE_URL": url}
        _manage(folder, environment, "migrate", "-v0")
        code = f"from benchmarks.lots.growth import main; main({chips}, {list(parts)})"
        _manage(folder, environment, "shell", "-v0", "-c", code)


def _manage(folder: str, more: Mapping[str, str], *words: str) -> None:
    """A command of the service, its data in the folder; a database of its own stops after it."""
    environment = {**os.environ, "SUPPLYCHAIN_VAR": folder, **more}
    subprocess.run([ROOT / "run", "manage", *words], check=True, cwd=ROOT, env=environment)  # noqa: S603


if __name__ == "__main__":
    main()
