"""A period's journal: what its version moved, in the accounts of a posting profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

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
from finance.domain.money import ZERO
from finance.domain.words import Account, JournalFormat, PeriodState
from finance.models import Entity, LedgerEntry, Period, PeriodClose, PostingProfile
from finance.selectors.balances import Balance, Bucket, balances_of
from finance.selectors.calendar import entity
from finance.selectors.closes import close_by_version, close_totals
from finance.selectors.closing import period_by_code
from finance.selectors.ledger import Watermark, watermark
from finance.selectors.profiles import chart_of, profile_by_code, profile_in_force
from finance.selectors.told import profile_as_shown, told_close
from lots.domain.chain import body_sha256
from supplychain.base.errors import RefusedError

RULES = 2
"""Counted up whenever the same rows come to another journal."""


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """version: of the close; 1 is what the period took, others compare. profile: "" is in force."""

    period: str
    version: int = 1
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Journal:
    """is_draft: not to be booked. The period is open, the profile on trial, or it only compares."""

    head: JournalHead
    profile: PostingProfile
    as_of_seq: int
    is_draft: bool
    lines: tuple[JournalLine, ...]
    chart: Chart

    @property
    def debit(self) -> Decimal:
        """Of all lines, which is their credit."""
        return sum((line.debit for line in self.lines), ZERO)

    def parts(self, target: JournalFormat) -> tuple[JournalPart, ...]:
        """As many entries as the target needs."""
        return journal_parts(self.lines, self.chart, LIMITS[target])


@dataclass(frozen=True, slots=True)
class JournalSource:
    """What a journal is made of. close: the version told, None while the period is open."""

    period: Period
    profile: PostingProfile
    close: PeriodClose | None
    mark: Watermark
    chart: Chart
    whose: Entity
    named: str

    @property
    def sha256(self) -> str:
        """Another whenever the journal could be; no row is summed for it."""
        named = (RULES, self.period.code, self.named, self.whose.code, self.whose.currency)
        close = told_close(self.close).rows if self.close else self.mark.sha256
        profile = profile_as_shown(self.profile, self.chart).rows
        return body_sha256({"named": named, "close": close, "profile": profile})


def journal_source(query: JournalQuery) -> JournalSource:
    """MissingError for no such period, version or profile; RefusedError when none is in force."""
    period = period_by_code(query.period)
    profile = profile_by_code(query.profile) if query.profile else profile_in_force(period.ends_on)
    close = None
    if period.state == PeriodState.CLOSED or query.version > 1:
        close = close_by_version(period.code, query.version)
    named = "draft"
    is_closed = close is not None and close.approved_at is not None
    if is_closed and (not query.profile or profile == profile_in_force(period.ends_on)):
        named = "v1" if query.version == 1 else f"as-v{query.version}"
    mark = Watermark(close.seq, close.sha256) if close else watermark(None)
    return JournalSource(period, profile, close, mark, chart_of(profile), entity(), named)


def journal(query: JournalQuery) -> Journal:
    """Everything the period moved; errors of both below."""
    return journal_of(journal_source(query))


def journal_of(source: JournalSource) -> Journal:
    """The same, of what is looked up already. RefusedError when an account has no number."""
    period, profile, seq = source.period, source.profile, source.mark.seq
    rows = (
        close_totals(source.close)
        if source.close
        else balances_of(period.entries.filter(seq__lte=seq))
    )
    moved, chart = _moved(rows, _opening(period, seq)), source.chart
    if missing := unnumbered(moved, chart):
        raise RefusedError(
            f"Posting profile {profile.code} has no number for: {', '.join(missing)}. Prepare a "
            "profile that has.",
            accounts=missing,
        )
    head = JournalHead(
        number=f"{source.whose.code}-{period.code}-{source.named}",
        company=profile.company,
        ledger=profile.ledger,
        source=profile.journal_source,
        category=profile.journal_category,
        currency=source.whose.currency,
        posted_on=period.ends_on,
    )
    is_draft = source.named != "v1"
    return Journal(head, profile, seq, is_draft, tuple(journal_lines(moved, chart)), chart)


def _opening(period: Period, seq: int) -> dict[Bucket, Decimal]:
    """What every bucket carried before the period."""
    before = LedgerEntry.objects.filter(period__starts_on__lt=period.starts_on, seq__lte=seq)
    return {row.bucket: row.amount for row in balances_of(before)}


def _moved(rows: Sequence[Balance], opening: Mapping[Bucket, Decimal]) -> list[Moved]:
    """Every bucket that moved or carried something: a line's opening is that of all in it."""
    moved = {row.bucket: (row.quantity, row.amount) for row in rows}
    return [
        Moved(
            Account(bucket.account),
            bucket.stage or "",
            bucket.item,
            bucket.custodian,
            bucket.unit_of_measure,
            *moved.get(bucket, (0, ZERO)),
            opening.get(bucket, ZERO),
        )
        for bucket in {**moved, **opening}
    ]
