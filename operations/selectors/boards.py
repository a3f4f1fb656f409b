"""What stands on hold, who decides next, and how it compares with recent good lots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet

from lots.domain.pilots import pilot_words
from lots.domain.words import LotState
from lots.models import Event, Hold, Product, Step
from lots.selectors.pilots import pilot_of
from operations.domain.comparison import Beside, Passage, beside, days_at_steps
from operations.domain.decisions import who_decides
from operations.selectors.holds import stopped, with_stopped
from operations.selectors.traveller import stop_of
from quality.selectors.pilots import holds_with_pilots
from quality.selectors.series import WINDOW_LOTS, lot_figures

PAGE_HOLDS = 40
COMPARED_DAYS = 365
FIGURES_MAX = 4000
PASSAGES_MAX = 8000


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """What the board is narrowed to; empty for any. owner: me or nobody."""

    hold_class: str = ""
    owner: str = ""
    product: str = ""
    due: str = ""
    text: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A hold. stopped: which part of the lot; "" for all of it. decision: who decides, by when.

    pilot: what the one that it waits for says.

    yielded: at `tested_at`, None before any test.
    """

    hold: Hold
    stopped: str
    is_overdue: bool
    decision: str
    pilot: str
    tested_at: str
    yielded: Beside | None
    stood: Beside


@dataclass(frozen=True, slots=True)
class Board:
    """A page of rows, oldest hold first. after: where the next page begins, 0 at the end."""

    rows: Sequence[BoardRow]
    after: int
    products: Sequence[str]


def hold_board(wanted: BoardFilter, person: User, now: datetime) -> Board:
    """The board in a number of queries that does not grow with it."""
    holds = _narrowed(wanted, person, now.date())
    found = list(
        with_stopped(holds_with_pilots(holds)).order_by("placed_at", "id")[: PAGE_HOLDS + 1]
    )
    shown = found[:PAGE_HOLDS]
    yields, days = _yields(shown, now), _days(shown, now)
    rows = [_row(hold, yields, days, now) for hold in shown]
    held = Hold.objects.filter(released_at__isnull=True).values("lot__product")
    products = Product.objects.filter(pk__in=held).order_by("code").values_list("code", flat=True)
    return Board(rows, shown[-1].pk if len(found) > PAGE_HOLDS else 0, list(products))


def holds_by_id(ids: Sequence[int]) -> list[Hold]:
    """Picked open holds, oldest first; at most a page of them."""
    holds = Hold.objects.filter(pk__in=ids[:PAGE_HOLDS], released_at__isnull=True)
    named = holds.select_related("lot__product", "lot__step", "owner")
    return list(with_stopped(named).order_by("placed_at", "id"))


def pilot_said(hold: Hold) -> str:
    """Of a hold read with its pilot: what the pilot says; "" where it waits for none."""
    pilot = pilot_of(hold)
    return pilot_words(pilot) if pilot else ""


def _narrowed(wanted: BoardFilter, person: User, today: date) -> QuerySet[Hold]:
    holds = Hold.objects.filter(released_at__isnull=True).select_related(
        "lot__product", "lot__step", "lot__custodian", "owner", "releasing_role"
    )
    chosen = {
        "hold_class": Q(hold_class=wanted.hold_class),
        "product": Q(lot__product__code=wanted.product),
        "text": Q(lot__code__istartswith=wanted.text),
        "owner": Q(owner=person) if wanted.owner == "me" else Q(owner=None),
        "due": Q(due_on__lt=today),
    }
    for name, condition in chosen.items():
        if getattr(wanted, name):
            holds = holds.filter(condition)
    last = Hold.objects.filter(pk=wanted.after).values_list("placed_at", "pk").first()
    if last is not None:
        later = Q(placed_at__gt=last[0]) | Q(placed_at=last[0], pk__gt=last[1])
        holds = holds.filter(later)
    return holds


def _row(
    hold: Hold,
    yields: Mapping[int, tuple[str, Beside]],
    days: Mapping[int, tuple[float, ...]],
    now: datetime,
) -> BoardRow:
    lot = hold.lot
    tested_at, yielded = yields.get(lot.pk, ("", None))
    stands = (now - lot.step_entered_at) / timedelta(days=1)
    return BoardRow(
        hold=hold,
        stopped=stopped(hold),
        is_overdue=hold.due_on is not None and hold.due_on < now.date(),
        decision=who_decides(stop_of(hold)),
        pilot=pilot_said(hold),
        tested_at=tested_at,
        yielded=yielded,
        stood=beside(max(stands, 0.0), days.get(lot.step_id, ())),
    )


def _yields(holds: Sequence[Hold], now: datetime) -> dict[int, tuple[str, Beside]]:
    """Lot → its last tested step, and its final yield there beside recent good lots'."""
    figures = lot_figures().filter(final_ratio__isnull=False)
    own = {
        figure.lot_step.lot_id: figure
        for figure in figures.filter(lot_step__lot__in=[hold.lot_id for hold in holds]).order_by(
            "started_at", "lot_step_id"
        )
    }
    series = Q(pk=None)
    for figure in own.values():
        series |= Q(
            lot_step__lot__product=figure.lot_step.lot.product_id,
            lot_step__step__code=figure.lot_step.step.code,
        )
    since = now - timedelta(days=COMPARED_DAYS)
    good = figures.filter(series, started_at__gte=since).exclude(
        Q(lot_step__lot__state=LotState.SCRAPPED)
        | Q(lot_step__lot__in=Hold.objects.filter(released_at__isnull=True).values("lot"))
    )
    others: dict[tuple[int, str], list[float]] = defaultdict(list)
    for figure in good.order_by("-started_at", "-lot_step_id")[:FIGURES_MAX]:
        key = (figure.lot_step.lot.product_id, figure.lot_step.step.code)
        if len(others[key]) < WINDOW_LOTS and figure.final_ratio is not None:
            others[key].append(figure.final_ratio)
    return {
        lot_id: (
            figure.lot_step.step.code,
            beside(
                figure.final_ratio or 0.0,
                others[figure.lot_step.lot.product_id, figure.lot_step.step.code],
            ),
        )
        for lot_id, figure in own.items()
    }


def _days(holds: Sequence[Hold], now: datetime) -> Mapping[int, tuple[float, ...]]:
    """Step → days that recent lots without an open hold stood there."""
    steps = Step.objects.filter(pk__in={hold.lot.step_id for hold in holds})
    held = Hold.objects.filter(released_at__isnull=True).values("lot")
    events = (
        Event.objects.filter(
            Q(step_from__in=steps) | Q(step_to__in=steps),
            ~Q(step_from=F("step_to")),
            step_to__isnull=False,
            occurred_at__gte=now - timedelta(days=COMPARED_DAYS),
        )
        .exclude(lot__in=held)
        .order_by("-occurred_at", "-seq")
        .values_list("lot_id", "step_from_id", "step_to_id", "occurred_at")
    )
    newest = list(events[:PASSAGES_MAX])
    return days_at_steps((Passage(*row) for row in reversed(newest)), WINDOW_LOTS)
