"""Whether a row can be stored, and whether two rows say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def content_sha256(content: Mapping[str, Any]) -> str:
    """Hash of the values, whatever the order of their names."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def storage_fault(content: Mapping[str, Any]) -> str:
    """Why the values cannot be kept as JSON in the database; "" when they can."""
    try:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError):
        return "it holds a number or character that JSON cannot carry, or is nested too deeply"
    return "it holds a null character" if "\\u0000" in text else ""
