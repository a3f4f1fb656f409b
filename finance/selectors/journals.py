"""A period's journal: what its version moved, in the accounts of a posting profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finance.domain.journal_formats import JournalHead
from finance.domain.journals import (
    LIMITS,
    Chart,
    JournalLine,
    JournalPart,
    Moved,
    journal_lines,
    journal_parts,
    unnumbered,
)
from finance.domain.words import Account, JournalFormat, PeriodState
from finance.models import Entity, Period, PostingProfile
from finance.selectors.balances import Balance, balances_of
from finance.selectors.closes import close_by_version, close_totals
from finance.selectors.closing import period_by_code
from finance.selectors.ledger import watermark
from finance.selectors.profiles import chart_of, profile_by_code, profile_in_force
from supplychain.base.errors import RefusedError


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """version: of the close, 1 being what the period took. profile: "" is the one in force."""

    period: str
    version: int = 1
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """is_draft: the period is open, or the profile only on trial; not to be booked."""

    head: JournalHead
    profile: PostingProfile
    as_of_seq: int
    is_draft: bool
    lines: tuple[JournalLine, ...]
    chart: Chart

    def parts(self, target: JournalFormat) -> tuple[JournalPart, ...]:
        """As many entries as the target needs."""
        return journal_parts(self.lines, self.chart, LIMITS[target])


def journal(query: JournalQuery) -> Journal:
    """Everything the period moved. MissingError for no such period, version or profile.

    RefusedError when no profile is in force, or an account has no number in it.
    """
    period = period_by_code(query.period)
    profile = profile_by_code(query.profile) if query.profile else profile_in_force(period.ends_on)
    rows, seq, is_closed = _rows(period, query.version)
    moved, chart = _moved(rows), chart_of(profile)
    if missing := unnumbered(moved, chart):
        raise RefusedError(
            f"Posting profile {profile.code} has no number for: {', '.join(missing)}. Prepare a "
            "profile that has.",
            accounts=missing,
        )
    is_draft = not is_closed or profile.approved_at is None
    named = "draft" if is_draft else f"v{query.version}"
    entity = Entity.objects.get()
    head = JournalHead(
        number=f"{entity.code}-{period.code}-{named}",
        company=profile.company,
        ledger=profile.ledger,
        source=profile.journal_source,
        category=profile.journal_category,
        currency=entity.currency,
        posted_on=period.ends_on,
    )
    return Journal(head, profile, seq, is_draft, tuple(journal_lines(moved, chart)), chart)


def _rows(period: Period, version: int) -> tuple[list[Balance], int, bool]:
    """Sums, the ledger's seq they are of, and whether they are for ever."""
    if period.state == PeriodState.CLOSED or version > 1:
        close = close_by_version(period.code, version)
        return close_totals(close), close.seq, close.approved_at is not None
    seq = watermark(None).seq
    return balances_of(period.entries.filter(seq__lte=seq)), seq, False


def _moved(rows: Sequence[Balance]) -> list[Moved]:
    return [
        Moved(
            Account(row.bucket.account),
            row.bucket.stage or "",
            row.bucket.item,
            row.bucket.custodian,
            row.bucket.unit_of_measure,
            row.quantity,
            row.amount,
        )
        for row in rows
    ]
