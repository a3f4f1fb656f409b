"""Keys that recognise a repeated operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intake.domain.contents import content_sha256

CHARACTERS_MAX = 120


def operation_key(kind: str, supplier: str, event_id: str, content: Mapping[str, Any]) -> str:
    """kind:supplier:event id; the content's hash where the partner gives no usable id."""
    known = event_id if event_id and len(event_id) <= CHARACTERS_MAX else content_sha256(content)
    return f"{kind}:{supplier[:40]}:{known}"
