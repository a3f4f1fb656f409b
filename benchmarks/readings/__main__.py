"""One test over 200 lots, beside DuckDB asked for the same of the same Parquet.

`.venv/bin/python -m benchmarks.readings [--readings 10000000] [--lots 200]`: makes the readings
itself, on a database of its own that is thrown away. Marks: at most twice the bare query; pages of
a run that cost the same whatever the number of runs.
"""

from __future__ import annotations

import argparse
import tempfile

from benchmarks.managing import manage


def main() -> None:
    """Run it inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=10_000_000)
    parser.add_argument("--lots", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        manage(folder, "migrate", "-v0")
        code = f"from benchmarks.readings.measure import main; main({asked.readings}, {asked.lots})"
        manage(folder, "shell", "-v0", "-c", code)


if __name__ == "__main__":
    main()
