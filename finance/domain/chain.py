"""The hash chain over ledger rows: changing any old row shows in every later hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

GENESIS = "0" * 64


def row_sha256(previous: str, values: Sequence[str]) -> str:
    """Hash of a row's values as text and of the hash before it. Source: docs/finance.md."""
    text = json.dumps([previous, *values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
