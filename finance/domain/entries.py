"""A row of the ledger, and the one way to write it as text."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from finance.domain.chain import row_sha256


@dataclass(frozen=True, slots=True)
class Entry:
    """All columns of a ledger row in the order of every export. None: does not apply.

    sha256: of the row before and of this row's other columns as text.
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
    sha256: str = ""


COLUMNS = tuple(field.name for field in fields(Entry))


def chained(entry: Entry, previous: str) -> Entry:
    """The entry with its hash after that of the row before it."""
    return replace(entry, sha256=row_sha256(previous, texts(entry)[:-1]))


def texts(entry: Entry) -> list[str]:
    """The columns as an export writes them; None is empty."""
    return [_text(value) for value in astuple(entry)]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:.6f}"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return str(value)
