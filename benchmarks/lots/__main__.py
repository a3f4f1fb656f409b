"""Verbs, bulk and traces of `lots`, each beside its floor in the same run.

`.venv/bin/python -m benchmarks.lots [verbs] [bulk] [traces] [--fleet CHIPS]`: all three unless
named, on a database of its own that is thrown away. Run it with nothing else busy.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHIPS = 1_400_000
PARTS = ["verbs", "bulk", "traces"]


def main() -> None:
    """Run each part inside the service's own environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=PARTS)
    parser.add_argument("--fleet", type=int, default=CHIPS)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="supplychain-benchmark-") as folder:
        manage(folder, "migrate", "-v0")
        for part in asked.parts:
            size = asked.fleet if part == "traces" else ""
            code = f"from benchmarks.lots.{part} import main; main({size})"
            manage(folder, "shell", "-v0", "-c", code)


def manage(folder: str, *words: str) -> None:
    """A command of the service, its data in the folder; the database stops after it."""
    environment = {**os.environ, "SUPPLYCHAIN_VAR": folder}
    subprocess.run([ROOT / "run", "manage", *words], check=True, cwd=ROOT, env=environment)  # noqa: S603


if __name__ == "__main__":
    main()
