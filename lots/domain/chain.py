"""The hash chain of the ledger: each event vouches for all before it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from uuid import UUID

FIRST_SHA256 = "0" * 64


def canonical(content: Mapping[str, object]) -> bytes:
    """One spelling of JSON-like content: sorted keys, no spaces, UTC instants, UTF-8."""
    text = json.dumps(
        content, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return text.encode()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} has no place in the chain")


def body_sha256(content: Mapping[str, object]) -> str:
    """What was asked, as one number: a repeated key with another body is a conflict."""
    return sha256(canonical(content)).hexdigest()


def event_sha256(previous_sha256: str, content: Mapping[str, object]) -> str:
    """The hash of an event: of the hash before it and the event's own content."""
    return sha256(previous_sha256.encode() + canonical(content)).hexdigest()


def rows_sha256(rows: Iterable[Sequence[str]]) -> str:
    """One number for a set of rows of text, whatever their order; the database counts it alike."""
    return sha256("\n".join(sorted("\t".join(row) for row in rows)).encode()).hexdigest()
