"""What random histories of lots share: a line of their own, its clock, and the model beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis.stateful import RuleBasedStateMachine, initialize

from lots.domain.commands import Command
from lots.models import Event, Lot, RouteVersion, Step
from lots.selectors.verifying import first_fault
from lots.services.releasing import draft_route, release_route
from lots.tests.histories import STEPS, Deed, Model, Stand
from lots.tests.making import command
from lots.tests.permitting import person
from supplychain.base.errors import SupplychainError


class LotMachine(RuleBasedStateMachine):
    """Lots without serials and their model; what is refused must change nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.hours = 0
        self.last: dict[str, tuple[Event, Stand, Deed]] = {}
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        assert first_fault() is None
        transaction.savepoint_rollback(self.savepoint)

    @initialize()
    def release_a_second_version(self) -> None:
        first = RouteVersion.objects.get(route__code="D")
        draft = draft_route(version=first, actor=person("ann"))
        release_route(version=draft, actor=person("ben"))

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
        self.model.change(code, self.hours if hour is None else hour, **facts)
        self.last[code] = (event, before, self.model.past[code].deeds[-1])
        self.model.note()

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version").get(code=code)

    def step(self, now: Stand, place: int) -> Step:
        return Step.objects.get(
            route_version__route__code="D", route_version__version=now.version, code=STEPS[place]
        )
