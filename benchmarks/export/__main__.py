"""The ledger in every format, beside bare COPY and DRF's pages of the same rows, in one run.

`.venv/bin/python -m benchmarks.export [--lines 1000000]`: writes the lines itself, on a database of
its own that forgets (no fsync) and is thrown away; only reads are timed. Speeds are those of the
whole view, with its read log and SHA-256. Memory, and how fast a reader who hangs up frees the
connection, are measured on gunicorn, started as the service starts it.
"""

from __future__ import annotations

import argparse
import tempfile

from benchmarks.managing import manage
from supplychain.launch.places import find_places
from supplychain.launch.tests_run import database

LINES = 1_000_000


def main() -> None:
    """Run it inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    asked = parser.parse_args()
    places = find_places()
    places.prepare()
    with (
        tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder,
        database(places) as url,
    ):
        environment = {"DATABASE_URL": url}
        manage(folder, "migrate", "-v0", more=environment)
        code = f"from benchmarks.export.measure import main; main({asked.lines})"
        manage(folder, "shell", "-v0", "-c", code, more=environment)


if __name__ == "__main__":
    main()
