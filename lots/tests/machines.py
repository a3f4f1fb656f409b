"""What random histories of lots share: a line of their own, its clock, and the model beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from lots.domain.commands import Command
from lots.domain.orders import FutureActionOrder
from lots.domain.words import Trigger, Verb
from lots.models import Event, Hold, Lot, Product, ReasonCode, RouteVersion, Step
from lots.selectors.verifying import first_fault
from lots.services import plan_action
from lots.services.releasing import draft_route, release_route
from lots.tests.clocks_run import clocks_kept, clocks_run_anew
from lots.tests.histories import LESSER, STEPS, Deed, Model, Stand
from lots.tests.making import command
from lots.tests.permitting import person
from lots.tests.routing import limited
from supplychain.base.errors import SupplychainError

QUANTITY = 20
"""Units of a lot when it comes in."""

BACK = st.one_of(st.just(0), st.integers(0, 30))
"""How many hours late something is told."""

LIMITS = [("RCV", "TRAY", 5), ("RCV", "FABRIC", 9), ("SFT", "PORT", 3), ("TRAY", "STOCK", 4)]
"""Hours between two steps of the second version; what takes longer is flagged."""

ARRIVING = {Verb.MOVE, Verb.TRACK_OUT, Verb.RECEIVE, Verb.REROUTE}


class LotMachine(RuleBasedStateMachine):
    """Lots without serials and their model; what is refused must change nothing.

    plans: lot → steps at which it is to be held. fired: event → such steps, and the holds placed.
    """

    lots = Bundle("lots")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.plans: dict[str, set[int]] = {}
        self.fired: dict[UUID, list[tuple[int, int]]] = {}
        self.hours = 0
        self.last: dict[str, tuple[Event, Stand, Deed]] = {}
        self.open_before: set[int] = set()
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        assert first_fault() is None
        assert clocks_kept() == clocks_run_anew()
        transaction.savepoint_rollback(self.savepoint)

    @initialize()
    def release_a_second_version(self) -> None:
        first = RouteVersion.objects.get(route__code="D")
        draft = draft_route(version=first, actor=person("ann"))
        for limit in LIMITS:
            limited(draft, *limit)
        release_route(version=draft, actor=person("ben"))
        Product.objects.create(code=LESSER, name="Lite", family="Switch", kind="switch")

    def command(self, reason: str = "", hour: int | None = None) -> Command:
        self.hours += 1
        return command(hours=self.hours if hour is None else hour, reason=reason)

    def late(self, code: str, back: int) -> int:
        """An hour so far back, but not before the lot was there, nor before the last act."""
        return max(self.hours + 1 - back, self.model.past[code].birth.hour)

    def act(
        self, code: str, work: Callable[[Lot], Event], hour: int | None = None, **facts: Any
    ) -> None:
        """Do it; with facts the model changes so, without them it must be refused."""
        before = self.model.lots[code]
        if not facts:
            with pytest.raises(SupplychainError), transaction.atomic():
                work(self.row(code))
            return
        event = work(self.row(code))
        at = self.hours if hour is None else hour
        self.model.change(code, at, **facts)
        self.last[code] = (event, before, self.model.past[code].deeds[-1])
        self.model.note()
        if event.verb in ARRIVING:
            self.fire(code, before.step, event, at)

    @rule(code=lots, to=st.integers(0, len(STEPS) - 1))
    def plan(self, code: str, to: int) -> None:
        """A hold on arrival, once a step."""
        planned = self.plans.setdefault(code, set())
        if to not in planned and self.model.is_there(code):
            order = FutureActionOrder(
                Trigger.ARRIVES, Verb.HOLD, "look", lot_code=code, step_code=STEPS[to]
            )
            plan_action(order=order)
            planned.add(to)

    def fire(self, code: str, start: int, event: Event, hour: int) -> None:
        """What was planned at the step it came to, or at one that it jumped."""
        end, planned = self.model.lots[code].step, self.plans.get(code, set())
        due = {to for to in planned if start < to < end or start != to == end}
        placed = Hold.objects.filter(placed_by__seq__gt=event.seq).order_by("id")
        assert len(placed) == len(due)
        for to, hold in zip(sorted(due), placed, strict=True):
            holds = self.model.lots[code].holds + 1
            self.model.change(code, hour, holds=holds)
            self.model.note()
            self.fired.setdefault(event.pk, []).append((to, hold.pk))
        planned -= due

    def take_back_fire(self, code: str, event: Event) -> None:
        """A plan that a mistake set off waits again, and its hold is lifted."""
        for to, hold in self.fired.pop(event.pk, []):
            self.plans[code].add(to)
            if hold in self.open_before:
                holds = self.model.lots[code].holds - 1
                self.model.change(code, self.hours, holds=holds)
                self.model.note()

    def lesser(self) -> str:
        """The reason for which units pass for a lesser product."""
        return ReasonCode.objects.filter(verb=Verb.BIN).values_list("code", flat=True)[0]

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version").get(code=code)

    def step(self, now: Stand, place: int) -> Step:
        return Step.objects.get(
            route_version__route__code="D", route_version__version=now.version, code=STEPS[place]
        )
