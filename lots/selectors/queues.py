"""Clocks between steps of a route: which run, for which lot, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject

from lots.domain.queues import start_by
from lots.domain.words import GateMode, LotPurpose, LotState, Verb
from lots.models import Lot, QueueClock, QueueLimit, Step

RUNNING_IN = (LotState.ACTIVE, LotState.BANKED, LotState.SHIPPED)


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that runs for a lot. since: it left the first step; until: work must have begun."""

    from_code: str
    to_code: str
    since: datetime
    hours_max: float

    @property
    def until(self) -> datetime:
        return start_by(self.since, self.hours_max)


def open_clocks() -> QuerySet[QueueClock]:
    """Those that no event ended; what a corrected event began, brought or ended counts as not."""
    undone = {f"{name}__corrections__verb": Verb.CORRECT for name in ("started_by", "carried_by")}
    return QueueClock.objects.filter(
        Q(ended_by__isnull=True) | Q(ended_by__corrections__verb=Verb.CORRECT)
    ).exclude(Q(*undone.items(), _connector=Q.OR))


def running_clocks() -> QuerySet[QueueClock]:
    """Open ones that somebody waits for: the lot stands beyond the first step and works at none.

    Left out: where a supplier works at the last step, as nobody says when that begins; gates
    switched off; engineering and empty lots; what was shipped from the end of its route.
    """
    ahead = Step.objects.filter(
        route_version=OuterRef("lot__route_version"), sequence__gt=OuterRef("lot__step__sequence")
    )
    place = Case(
        When(lot__route_version=F("limit__route_version"), then=F("lot__step__sequence")),
        default=F("lot__rework_return_step__sequence"),
    )
    return (
        open_clocks()
        .annotate(place=place)
        .filter(
            place__gt=F("limit__from_step__sequence"),
            lot__state__in=RUNNING_IN,
            lot__quantity__gt=0,
        )
        .exclude(lot__step=F("limit__to_step"), limit__to_step__is_outsourced=True)
        .exclude(limit__to_step__gate_mode=GateMode.OFF)
        .exclude(lot__purpose=LotPurpose.ENGINEERING)
        .exclude(Q(lot__state=LotState.SHIPPED) & ~Exists(ahead))
    )


def clocks_to(lot: Lot, step: Step) -> list[Clock]:
    """What the lot must have kept where work begins at the step: of each limit the oldest clock."""
    rows = open_clocks().filter(lot=lot, limit__to_step=step)
    return _oldest(rows.values("since", **_PLACES))


def with_clocks_to(steps: QuerySet[Step], lot: Lot) -> QuerySet[Step]:
    """The same steps with the open clocks of the lot that lead to each; no query more."""
    rows = open_clocks().filter(lot=lot, limit__to_step=OuterRef("pk")).order_by("id")
    told = ArraySubquery(rows.values(told=JSONObject(since="since", **_PLACES)))
    return steps.annotate(clocks_told=told)


def step_with_clocks(lot: Lot) -> Step:
    """Where the lot stands, with the open clocks that lead there."""
    return with_clocks_to(Step.objects.filter(pk=lot.step_id), lot).get()


def has_no_clocks(step: Step) -> bool:
    """Whether the step was read with its clocks, and has none."""
    return getattr(step, "clocks_told", None) == []


def clocks_left_out(lot: Lot, steps: Iterable[Step]) -> QuerySet[QueueClock]:
    """Open clocks of the lot that these steps, which it leaves out, would have ended."""
    return open_clocks().filter(lot=lot, limit__to_step__in=steps)


def steps_of_use(lot: Lot, stood_at: QuerySet[Step], to_step: Step | None) -> QuerySet[Step]:
    """The step stood at, and those led to by open clocks that end for parts taken from the lot.

    With these clocks. to_step: where the parts go on in a lot of their own, which takes over what
    leads there or beyond.
    """
    later = _clocks_used_up(lot, to_step).values("limit__to_step")
    steps = Step.objects.filter(Q(pk__in=stood_at.values("pk")) | Q(pk__in=later))
    return with_clocks_to(steps.select_related("route_version").order_by("sequence"), lot)


def _clocks_used_up(lot: Lot, to_step: Step | None) -> QuerySet[QueueClock]:
    place = lot.rework_return_step or lot.step
    rows = (
        open_clocks()
        .filter(
            lot=lot,
            limit__route_version=place.route_version_id,
            limit__from_step__sequence__lt=place.sequence,
        )
        .exclude(limit__to_step=lot.step_id)
        .exclude(limit__to_step__gate_mode=GateMode.OFF)
    )
    if to_step is None:
        return rows
    goes_on = Q(
        limit__route_version=to_step.route_version_id,
        limit__to_step__sequence__gte=to_step.sequence,
    )
    return rows.exclude(goes_on & ~Q(limit__to_step=place))


def by_last_step(rows: QuerySet[QueueClock]) -> dict[Step, list[Clock]]:
    """Step that each of these leads to → of each limit the oldest clock."""
    found: dict[Step, list[dict[str, Any]]] = {}
    for row in rows.select_related("limit__from_step", "limit__to_step").order_by("id"):
        told = {
            "from_code": row.limit.from_step.code,
            "to_code": row.limit.to_step.code,
            "hours_max": row.limit.hours_max,
            "since": row.since,
        }
        found.setdefault(row.limit.to_step, []).append(told)
    return {step: _oldest(told) for step, told in found.items()}


def with_clocks(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """The same lots with the clocks that run for each, for `clocks_of`; no query more."""
    rows = running_clocks().filter(lot=OuterRef("pk")).order_by("id")
    return lots.annotate(
        clocks_told=ArraySubquery(rows.values(told=JSONObject(since="since", **_PLACES)))
    )


def clocks_of(row: Lot | Step) -> list[Clock]:
    """Of each limit the oldest clock, what ends first coming first.

    row: a lot from `with_clocks`, or a step from `with_clocks_to`.
    """
    told: list[dict[str, Any]] = row.clocks_told  # type: ignore[union-attr]
    return _oldest({**row, "since": datetime.fromisoformat(row["since"])} for row in told)


def with_limits(steps: QuerySet[Step]) -> QuerySet[Step]:
    """The same steps with the limits that lead to each, for `limits_of`; no query more."""
    rows = QueueLimit.objects.filter(to_step=OuterRef("pk")).order_by("from_step__sequence")
    told = JSONObject(first=F("from_step__code"), hours=F("hours_max"))
    return steps.annotate(limits_told=ArraySubquery(rows.values(told=told)))


def limits_of(step: Step) -> list[tuple[str, float]]:
    """Of a step from `with_limits`: codes of the steps that it follows in time, and hours."""
    told: list[dict[str, Any]] = step.limits_told  # type: ignore[attr-defined]
    return [(row["first"], float(row["hours"])) for row in told]


_PLACES = {
    "from_code": F("limit__from_step__code"),
    "to_code": F("limit__to_step__code"),
    "hours_max": F("limit__hours_max"),
}


def _oldest(rows: Iterable[Mapping[str, Any]]) -> list[Clock]:
    found: dict[tuple[str, str], Clock] = {}
    for row in rows:
        clock = Clock(**{**row, "hours_max": float(row["hours_max"])})
        key = (clock.from_code, clock.to_code)
        found[key] = min(found.get(key, clock), clock, key=lambda one: one.since)
    return sorted(found.values(), key=lambda one: one.until)
