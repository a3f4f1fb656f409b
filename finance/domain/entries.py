"""A row of the ledger, and the one way to write it as text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from finance.domain.chain import row_sha256


@dataclass(frozen=True, slots=True)
class Entry:
    """All columns of a ledger row but its hash, in the order of every export.

    None: does not apply.
    """

    seq: int
    transaction: int
    line: int
    kind: str
    account: str
    stage: str | None
    item: str
    lot: str | None
    serial: str
    quantity: int
    unit_of_measure: str
    cost_version: str | None
    amount: Decimal
    currency: str
    owner: str
    custodian: str
    effective_on: date
    recorded_at: datetime
    period: str
    is_prior_period: bool
    source_seq: int | None
    op_key: str
    actor: str
    approver: str
    reverses: int | None
    reason: str


_NAMES = tuple(field.name for field in fields(Entry))
COLUMNS = (*_NAMES, "sha256")
values: Callable[[Entry], tuple[Any, ...]] = attrgetter(*_NAMES)
"""The columns in order. dataclasses.astuple copies every value and takes ten times as long."""


def entry_sha256(entry: Entry, previous: str) -> str:
    """The last column: hash of this row as text and of the hash of the row before it."""
    return row_sha256(previous, texts(entry))


def texts(entry: Entry) -> list[str]:
    """The columns as an export writes them; None is empty."""
    return [_text(value) for value in values(entry)]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:.6f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return str(value)
