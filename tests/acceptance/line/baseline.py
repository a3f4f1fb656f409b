"""Baselines: a JSON file of one row a line, checked in, so that a change shows in review.

They are rewritten by running their tests with REWRITE_BASELINES=1; look at the difference before
it is committed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "baselines"
REWRITES = os.environ.get("REWRITE_BASELINES") == "1"


def read_baseline(name: str) -> dict[str, Any]:
    path = FOLDER / name
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write_baseline(name: str, rows: Mapping[str, Any]) -> None:
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(rows[key])}" for key in sorted(rows))
    (FOLDER / name).write_text(f"{{\n{lines}\n}}\n")
