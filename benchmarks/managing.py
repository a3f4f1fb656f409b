"""Commands of the service on a data folder that is thrown away."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]


def manage(folder: str, *words: str, more: Mapping[str, str] | None = None) -> None:
    """`./run manage` with its data in the folder; a database of its own stops after it.

    more: what else stands in the environment.
    """
    environment = {**os.environ, "SUPPLYCHAIN_VAR": folder, **(more or {})}
    subprocess.run([ROOT / "run", "manage", *words], check=True, cwd=ROOT, env=environment)  # noqa: S603
