"""Test files into rows, summaries and Parquet, beside the least that this can cost.

`.venv/bin/python -m benchmarks.ingest [--megabytes 100] [--rounds 3] [--long 1000]`, on a database
of its own that is thrown away, with nothing else busy. The floor: decode the file, COPY the same
rows into the same tables, write the same Parquet. Marks: 0.6 of the floor; two workers 1.6 times
one; 200 MB over what a process holds after a small file.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.managing import ROOT, manage


def main() -> None:
    """Run it inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=float, default=1000, help="Megabytes of the long file.")
    parser.add_argument("--files", type=Path, default=ROOT.parent / "shared" / "stdf")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        manage(folder, "migrate", "-v0")
        files = f"Path({str(asked.files.resolve())!r})"
        code = (
            "from benchmarks.ingest.measure import main; from pathlib import Path; "
            f"main({files}, {asked.megabytes}, {asked.rounds}, {asked.long})"
        )
        manage(folder, "shell", "-v0", "-c", code)


if __name__ == "__main__":
    main()
