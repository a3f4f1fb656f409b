"""Yields of a million unit results, counted in full and as files come.

`.venv/bin/python -m benchmarks.yields [--lots 400]`: loads lots of 25 wafers with 100 dies, a
tenth of their dies twice, on a database of its own that is thrown away. Marks: a full recount at
most twice one bare query with GROUPING SETS for the same counts; one file more at most 1.2 times at
ten times the fleet.
"""

from __future__ import annotations

import argparse
import tempfile

from benchmarks.managing import manage


def main() -> None:
    """Run it inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        manage(folder, "migrate", "-v0")
        code = f"from benchmarks.yields.measure import main; main({asked.lots})"
        manage(folder, "shell", "-v0", "-c", code)


if __name__ == "__main__":
    main()
