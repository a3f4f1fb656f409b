"""Verbs, bulk, traces and pages of `lots`, each beside its floor in the same run.

`.venv/bin/python -m benchmarks.lots [verbs] [bulk] [jobs] [traces] [pages] [--fleet CHIPS]`: all of
them unless named, on a database of its own that is thrown away. Run it with nothing else busy.

traces and pages are measured on a tenth of a deployed fleet and on the whole, which is filled in by
COPY with the ledger's guards off, on a server that forgets (no fsync): only reads are timed there.
verbs, bulk and jobs keep every promise of durability.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence

from benchmarks.managing import manage
from supplychain.launch.places import find_places
from supplychain.launch.tests_run import database

CHIPS = 1_400_000
WRITES, READS = ("verbs", "bulk", "jobs"), ("traces", "pages")


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
        manage(folder, "migrate", "-v0")
    for part in parts:
        code = f"from benchmarks.lots.{part} import main; main()"
        manage(folder, "shell", "-v0", "-c", code)


def _read(parts: Sequence[str], folder: str, chips: int) -> None:
    if not parts:
        return
    places = find_places()
    places.prepare()
    with database(places) as url:
        environment = {"DATABASE_URL": url}
        manage(folder, "migrate", "-v0", more=environment)
        code = f"from benchmarks.lots.growth import main; main({chips}, {list(parts)})"
        manage(folder, "shell", "-v0", "-c", code, more=environment)


if __name__ == "__main__":
    main()
