"""Rows of a WIP report through the whole door, beside the verbs alone and the bare statements.

`.venv/bin/python -m benchmarks.feeds [--rows ROWS] [--waiting ROWS]`, on a database of its own that
is thrown away. Run it with nothing else busy.
"""

from __future__ import annotations

import argparse
import tempfile

from benchmarks.managing import manage

ROWS = 1_000
WAITING = 10_000


def main() -> None:
    """Inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--waiting", type=int, default=WAITING)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        manage(folder, "migrate", "-v0")
        code = f"from benchmarks.feeds.wip import main; main({asked.rows}, {asked.waiting})"
        manage(folder, "shell", "-v0", "-c", code)


if __name__ == "__main__":
    main()
