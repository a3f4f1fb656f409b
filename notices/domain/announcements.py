"""What a room says when something is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from notices.domain.words import NoticeKind, Severity

SUBJECT_CHARACTERS_MAX = 240


@dataclass(frozen=True, slots=True)
class Announcement:
    """key: the same for the same thing, so it is told once. cause: what it is about.

    address: path of its page. right: who may know. recipient_id: for this person alone.
    facts: JSON-ready, for receivers of webhooks.
    """

    kind: NoticeKind
    key: str
    cause: str
    severity: Severity
    subject: str
    address: str
    right: str
    occurred_at: datetime
    product_id: int | None = None
    supplier_id: int | None = None
    recipient_id: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
