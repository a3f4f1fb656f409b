"""Random histories of waivers against a plain model: who passes a gate, under which one, for how

many. HISTORIES=500 runs more of them. Deeds are drawn from one pool: where a state machine turns
kinds of deeds off by the history, hardly one passes a gate.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lots.domain.commands import Command, Selection
from lots.domain.gates import WaiverOrder
from lots.domain.words import Gate, GateMode, Verb
from lots.models import Event, Lot, RouteVersion, Step, Waiver, WaiverUse
from lots.selectors.verifying import first_fault
from lots.services import correct_event, move_lot, split_lot
from lots.services.waiving import approve_waiver, request_waiver, revoke_waiver
from lots.tests.making import T0, command, counted_lot
from lots.tests.permitting import person
from lots.tests.routing import released_route
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

HISTORIES = int(os.environ.get("HISTORIES", "25"))
PLACES = ["RCV", "SFT", "TRAY", "STOCK"]
ONLY_FLAGS = PLACES.index("SFT")
HOUR = timedelta(hours=1)
PEOPLE = st.sampled_from(["ann", "ben"])


@dataclass(frozen=True)
class Ask:
    """A waiver for the lot or its product, at its place or further on; granted at once or not."""

    is_for_product: bool
    gate: Gate
    further: int
    quantity: int
    start: int
    hours: int
    by: str
    is_granted: bool


@dataclass(frozen=True)
class Decide:
    """One of the waivers is approved or revoked."""

    which: int
    by: str
    is_revoked: bool


@dataclass(frozen=True)
class Go:
    """The lot moves on by so many steps, after so many hours."""

    by: int
    hours: int


@dataclass(frozen=True)
class Undo:
    """The lot's last move was a mistake."""


@dataclass(frozen=True)
class Part:
    """So many are split off."""

    quantity: int


Deed = Ask | Decide | Go | Undo | Part
ASKED = st.builds(
    Ask,
    st.booleans(),
    st.sampled_from([Gate.RESULTS, Gate.RESULTS, Gate.STEP_ORDER]),
    st.sampled_from([0, 0, 0, 1, 2]),
    st.integers(1, 30),
    st.integers(-10, 2),
    st.integers(12, 60),
    PEOPLE,
    st.sampled_from([True, True, False]),
)
GONE = st.builds(Go, st.sampled_from([1, 1, 1, 2, 3, 0, -1]), st.integers(0, 3))
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    *[ASKED, GONE] * 2,
    st.builds(Undo),
    st.builds(Decide, st.integers(0, 20), PEOPLE, st.booleans()),
    st.builds(Part, st.integers(1, 6)),
)


@dataclass
class Permit:
    """What the model says of a waiver. lot: "" for any of the product. used: move → units."""

    ask: Ask
    place: int
    lot: str
    first_hour: int
    is_approved: bool = False
    is_revoked: bool = False
    used: dict[Any, int] = field(default_factory=dict)

    def lets(self, now: Whereabouts, gate: Gate, place: int, hour: int) -> bool:
        is_meant = (gate, place) == (self.ask.gate, self.place) and self.lot in ["", *now.family]
        is_open = self.is_approved and not self.is_revoked
        is_time = self.first_hour <= hour < self.last_hour
        is_left = sum(self.used.values()) + now.quantity <= self.ask.quantity
        return is_meant and is_open and is_time and is_left

    @property
    def last_hour(self) -> int:
        return self.first_hour + self.ask.hours


@dataclass
class Whereabouts:
    """A lot's units and place, where it has been, itself and the lots it was split from."""

    quantity: int
    place: int
    been: list[int]
    family: list[str]
    last: tuple[Event, int] | None = None


class Line:
    """Lots before gates that nothing but a waiver opens; what is refused must use none of it."""

    def __init__(self, version: RouteVersion, quantities: list[int]) -> None:
        self.version = version
        self.began = timezone.now()
        self.hour = 0
        self.lots: dict[str, Whereabouts] = {}
        self.permits: dict[int, Permit] = {}
        for quantity in quantities:
            code = f"G{len(self.lots)}"
            counted_lot(code, quantity)
            self.lots[code] = Whereabouts(quantity, 0, [0], [code])

    def do(self, lot: int, deed: Deed) -> None:
        code = list(self.lots)[lot % len(self.lots)]
        match deed:
            case Ask():
                self.ask(code, deed)
            case Decide() if self.permits:
                self.decide(list(self.permits)[deed.which % len(self.permits)], deed)
            case Go():
                self.go(code, deed)
            case Undo() if self.lots[code].last:
                self.undo(code)
            case Part() if deed.quantity < self.lots[code].quantity:
                self.split(code, deed.quantity)

    def ask(self, code: str, ask: Ask) -> None:
        place = min(self.lots[code].place + ask.further, len(PLACES) - 1)
        first, lot = self.hour + ask.start, self.row(code)
        order = WaiverOrder(
            gate=ask.gate,
            reason="tester down",
            quantity=ask.quantity,
            valid_from=self.at(first),
            valid_to=self.at(first + ask.hours),
        )
        target: dict[str, Any] = {"product": lot.product} if ask.is_for_product else {"lot": lot}
        waiver = request_waiver(order=order, step=self.step(place), actor=person(ask.by), **target)
        of = "" if ask.is_for_product else code
        self.permits[waiver.pk] = Permit(ask, place, of, first)
        if ask.is_granted:
            self.decide(waiver.pk, Decide(0, "cay", is_revoked=False))

    def decide(self, pk: int, deed: Decide) -> None:
        """Approved by another, once, before it is revoked; what passed before that stands."""
        permit, waiver, actor = self.permits[pk], Waiver.objects.get(pk=pk), person(deed.by)
        if deed.is_revoked:
            is_refused, service = permit.is_revoked, revoke_waiver
        else:
            is_decided = permit.is_approved or permit.is_revoked
            is_refused, service = is_decided or deed.by == permit.ask.by, approve_waiver
        if is_refused:
            refused(lambda: service(waiver=waiver, actor=actor))
            return
        service(waiver=waiver, actor=actor)
        permit.is_revoked |= deed.is_revoked
        permit.is_approved |= not deed.is_revoked

    def go(self, code: str, deed: Go) -> None:
        """Going back passes no gate."""
        self.hour += deed.hours
        now, order = self.lots[code], self.now("again")
        to = max(0, min(now.place + deed.by, len(PLACES) - 1))
        passed = self.opened(now, to)

        def work() -> Event:
            return move_lot(lot=self.row(code), to_step=self.step(to), command=order)

        if to == now.place or passed is None:
            refused(work)
            return
        event = work()
        now.last = (event, now.place)
        for pk in passed:
            self.permits[pk].used[event.pk] = now.quantity
        now.place = to
        now.been.append(to)

    def opened(self, now: Whereabouts, to: int) -> list[int] | None:
        """Waivers that the way to a later step uses, one a gate; None where one stays shut."""
        found = []
        for place in range(now.place, to):
            is_unseen = place != now.place and place not in now.been
            for gate in [Gate.STEP_ORDER] * is_unseen + [Gate.RESULTS]:
                fit = [
                    (permit.last_hour, pk)
                    for pk, permit in self.permits.items()
                    if permit.lets(now, gate, place, self.hour)
                ]
                if fit:
                    found.append(min(fit)[1])
                elif place != ONLY_FLAGS:
                    return None
        return found

    def undo(self, code: str) -> None:
        """What the lot's last move used may be used again."""
        now = self.lots[code]
        assert now.last is not None
        event, now.place = now.last
        correct_event(event=event, command=self.now("mistake"))
        now.been.pop()
        now.last = None
        for permit in self.permits.values():
            permit.used.pop(event.pk, None)

    def split(self, code: str, quantity: int) -> None:
        """A waiver for the lot lets through what was split from it, too."""
        now, child = self.lots[code], f"G{len(self.lots)}"
        part = Selection(quantity=quantity)
        split_lot(lot=self.row(code), child_code=child, selection=part, command=self.now())
        now.quantity -= quantity
        now.last = None
        self.lots[child] = Whereabouts(quantity, now.place, list(now.been), [child, *now.family])

    def agrees(self) -> None:
        rows = Lot.objects.select_related("step")
        found = {lot.code: (lot.quantity, PLACES.index(lot.step.code)) for lot in rows}
        assert found == {code: (one.quantity, one.place) for code, one in self.lots.items()}
        told = {pk: sum(permit.used.values()) for pk, permit in self.permits.items()}
        assert dict(Waiver.objects.values_list("pk", "used")) == told
        undone = Event.objects.filter(verb=Verb.CORRECT).values("corrects")
        stand = WaiverUse.objects.exclude(event__in=undone).values_list("waiver")
        sums = dict(stand.annotate(units=Sum("quantity")))
        assert sums == {pk: units for pk, units in told.items() if units}

    def now(self, reason: str = "") -> Command:
        return command(hours=(self.at(self.hour) - T0) / HOUR, reason=reason)

    def at(self, hour: int) -> datetime:
        return self.began + hour * HOUR

    def step(self, place: int) -> Step:
        return self.version.steps.get(code=PLACES[place])

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version", "product").get(code=code)


def refused(work: Callable[[], Any]) -> None:
    with pytest.raises(SupplychainError), transaction.atomic():
        work()


def test_random_histories_of_waivers_agree_with_a_plain_model() -> None:
    demands = {"requires_results": True, "gate_mode": GateMode.STOP}
    steps: list[dict[str, Any]] = [{"code": code, **demands} for code in PLACES]
    steps[ONLY_FLAGS]["gate_mode"] = GateMode.FLAG
    version = released_route("D", *steps)
    passes = []

    @settings(max_examples=HISTORIES, suppress_health_check=list(HealthCheck), deadline=None)
    @given(
        st.lists(st.integers(1, 12), min_size=2, max_size=2),
        st.lists(st.tuples(st.integers(0, 5), DEEDS), min_size=30, max_size=60),
    )
    def histories(quantities: list[int], deeds: list[tuple[int, Deed]]) -> None:
        with transaction.atomic():
            line = Line(version, quantities)
            for lot, deed in deeds:
                line.do(lot, deed)
                line.agrees()
            assert first_fault() is None
            passes.append(WaiverUse.objects.count())
            transaction.set_rollback(True)

    histories()
    assert sum(passes) >= HISTORIES // 5, "hardly a lot passed under a waiver"
