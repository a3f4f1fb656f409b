"""Keys that recognise a repeated operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from intake.domain.contents import content_sha256

CHARACTERS_MAX = 120
SHORT_DIGITS = 15


def operation_key(kind: str, supplier: str, event_id: str, content: Mapping[str, Any]) -> str:
    """kind:supplier:event id; the content's hash where the partner gives no usable id."""
    known = event_id if event_id and len(event_id) <= CHARACTERS_MAX else content_sha256(content)
    return f"{kind}:{supplier[:40]}:{known}"


class ContentKeys:
    """Keys of one file whose lines carry no id: two lines alike are two operations.

    The second is told from the first by its place among those alike, so that the file sent again
    gives the same keys, and so does a line that another file has once.
    """

    def __init__(self) -> None:
        self._seen: Counter[int] = Counter()

    def key(self, kind: str, supplier: str, content: Mapping[str, Any]) -> str:
        """As operation_key gives it without an id, with `#2` for the second alike and so on."""
        known = operation_key(kind, supplier, "", content)
        short = int(known[-SHORT_DIGITS:], 16)  # there may be 500,000 of a file
        self._seen[short] += 1
        count = self._seen[short]
        return known if count == 1 else f"{known}#{count}"
