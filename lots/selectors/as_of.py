"""Lots and balances as they stood: folded from the ledger by the database, at every call anew."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Sum

from lots.domain.moments import Moment
from lots.domain.words import LotState
from lots.models import Hold, Lot
from lots.selectors.ledger import head_seq
from supplychain.base.errors import MalformedError, MissingError

_SQL = Path(__file__).resolve().parent.parent / "sql"
PAGE_MAX = 1000


@dataclass(frozen=True, slots=True)
class LotAsOf:
    """A lot as it stood. is_tracked_in: worked on. last_seq: of the last event that made it so."""

    id: int
    code: str
    kind: str
    purpose: str
    product: str
    route: str
    route_version: int
    step: str
    step_name: str
    state: str
    unit_of_measure: str
    quantity: int
    custodian: str
    hold_reasons: list[str]
    is_hot: bool
    due_on: date | None
    customer: str
    is_tracked_in: bool
    last_seq: int

    @property
    def is_on_hold(self) -> bool:
        return bool(self.hold_reasons)


@dataclass(frozen=True, slots=True)
class BalanceAsOf:
    """What stood at one step, active or banked. held_count: lots of it on hold."""

    route: str
    route_version: int
    step: str
    step_name: str
    state: str
    unit_of_measure: str
    lot_count: int
    held_count: int
    quantity: int


@dataclass(frozen=True, slots=True)
class LotsWanted:
    """What narrows a list of lots as they stood; None for any. q: start of the code."""

    state: str | None = None
    purpose: str | None = None
    product: str | None = None
    step: str | None = None
    supplier: str | None = None
    on_hold: bool | None = None
    q: str | None = None


def lots_as_of(
    seq: int | None = None,
    happened_by: datetime | None = None,
    *,
    wanted: LotsWanted | None = None,
    before: int | None = None,
    limit: int = PAGE_MAX,
) -> list[LotAsOf]:
    """Lots that were there, newest first, from below the lot id `before`. One query."""
    narrowed = asdict(wanted or LotsWanted())
    likely = {
        "likely_states": [narrowed["state"]] if narrowed["state"] else None,
        "likely_step": narrowed["step"],
        "likely_held": narrowed["on_hold"],
    }
    asked = {**_asked(seq, happened_by, **likely), **narrowed, "before": before}
    rows = _rows("lots_as_of_list", {**asked, "limit": min(limit, PAGE_MAX + 1)})
    return [LotAsOf(*row) for row in rows]


def lot_as_of(code: str, seq: int | None = None, happened_by: datetime | None = None) -> LotAsOf:
    """The lot as it stood. MissingError for an unknown code, and before its first event."""
    lot_id = Lot.objects.filter(code=code).values_list("id", flat=True).first()
    if lot_id is None:
        raise MissingError(f"There is no lot {code}. Check the code, or look for its start.")
    asked = {**_asked(seq, happened_by), **asdict(LotsWanted()), "before": None, "limit": 1}
    rows = _rows("lots_as_of_list", {**asked, "lot": lot_id})
    if not rows:
        raise MissingError(f"Lot {code} was not there yet. Ask for a later moment.", lot=code)
    return LotAsOf(*rows[0])


def balances_as_of(
    seq: int | None = None, happened_by: datetime | None = None
) -> list[BalanceAsOf]:
    """Active and banked quantities by step and unit of measure, in route order. One query."""
    asked = _asked(seq, happened_by, likely_states=[LotState.ACTIVE, LotState.BANKED])
    return [BalanceAsOf(*row) for row in _rows("lots_as_of_balances", asked)]


def balances_now() -> list[BalanceAsOf]:
    """The same as things stand: from the lots themselves, not folded from their events."""
    route = "step__route_version__route__code"
    version = "step__route_version__version"
    step = (route, version, "step__code", "step__name", "state", "unit_of_measure")
    held = Hold.objects.filter(lot=OuterRef("pk"), released_at__isnull=True)
    rows = (
        Lot.objects.filter(state__in=[LotState.ACTIVE, LotState.BANKED])
        .annotate(is_held=Exists(held))
        .order_by(route, version, "step__sequence", "state", "unit_of_measure")
        .values_list(*step, "step__sequence")
        .annotate(lots=Count("id"), held=Count("id", filter=Q(is_held=True)), sum=Sum("quantity"))
    )
    return [BalanceAsOf(*row[:6], *row[7:]) for row in rows]


def refuse_future(moment: Moment) -> None:
    """MalformedError for a seq that the ledger has not given out yet."""
    head = head_seq()
    if moment.seq is not None and moment.seq > head:
        raise MalformedError(
            f"The ledger is at event {head}; ask for one up to it.",
            parameter="as_of_seq",
            head_seq=head,
        )


def _asked(
    seq: int | None,
    happened_by: datetime | None,
    *,
    likely_states: list[str] | None = None,
    likely_step: str | None = None,
    likely_held: bool | None = None,
) -> dict[str, Any]:
    """likely …: what is wanted as things stand now.

    Left out by time: what is told late is folded where it happened, so that a lot may have been
    otherwise even though nothing happened to it since.
    """
    moment = Moment(seq, happened_by)
    is_by_seq = moment.seq is not None
    return {
        "seq": moment.seq,
        "happened_by": moment.happened_by,
        "lot": None,
        "likely_states": likely_states if is_by_seq else None,
        "likely_step": likely_step if is_by_seq else None,
        "likely_held": likely_held if is_by_seq else None,
    }


def _rows(name: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_statement(name), asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@cache
def _statement(name: str) -> str:
    return f"{(_SQL / 'lots_as_of.sql').read_text()}{(_SQL / f'{name}.sql').read_text()}"
