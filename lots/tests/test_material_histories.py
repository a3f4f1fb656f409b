"""Random assemblies, retellings and exchanges of material against a plain model, also as of then.

HISTORIES=500 runs more of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from lots.domain.commands import Material
from lots.domain.moments import Moment
from lots.domain.orders import Reissue, ReissueOrder
from lots.models import Event, Lot
from lots.selectors import materials_of
from lots.selectors.as_of import lots_as_of
from lots.selectors.verifying import first_fault
from lots.services import assemble_units, reissue_material
from lots.tests.making import T0, chip_order, command, die_lot, material_lot
from lots.tests.test_histories import HISTORIES
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

LOTS = ("HBM-0", "HBM-1", "HBM-2")
SIZE, TAKEN = 14, 4
LOT = st.sampled_from(LOTS)
HOURS_AGO = st.none() | st.integers(0, 6)


@dataclass(frozen=True)
class Change:
    """So many came from the lot (minus: went back) for the package. since: from when it counts."""

    package: str
    lot: str
    count: int
    seq: int
    since: datetime


@dataclass
class Model:
    """All that was told, in its order; what anything was at any moment is a sum of it."""

    changes: list[Change] = field(default_factory=list)

    def used(self, package: str, moment: Moment | None = None) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for change in self._told(moment):
            if change.package == package:
                sums[change.lot] += change.count
        return {lot: count for lot, count in sums.items() if count}

    def left(self, moment: Moment | None = None) -> dict[str, int]:
        sums = Counter(dict.fromkeys(LOTS, SIZE))
        for change in self._told(moment):
            sums[change.lot] -= change.count
        return dict(sums)

    def holds(self, package: str, lot: str, count: int, since: datetime) -> bool:
        """At least so many of the lot at that moment, and ever after."""
        moments = [since, *(moment for moment in self.moments(package) if moment > since)]
        used = [self.used(package, Moment(happened_by=moment)) for moment in moments]
        return all(then.get(lot, 0) >= count for then in used)

    def moments(self, package: str) -> list[datetime]:
        return sorted({change.since for change in self.changes if change.package == package})

    def _told(self, moment: Moment | None) -> list[Change]:
        if moment is None:
            return self.changes
        if moment.seq is not None:
            return [change for change in self.changes if change.seq <= moment.seq]
        assert moment.happened_by is not None
        return [change for change in self.changes if change.since <= moment.happened_by]


class MaterialHistories(RuleBasedStateMachine):
    """What the lots do not have, or the assembly did not take, is refused and changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        die_lot(wafers=2)
        for code in LOTS:
            material_lot(code, SIZE)
        self.dies = list(Lot.objects.get(code="W1").units.filter(state="good").order_by("id"))
        self.model, self.built, self.hours = Model(), list[Event](), 0
        self.first = Event.objects.latest("seq").seq

    def teardown(self) -> None:
        assert first_fault() is None
        transaction.savepoint_rollback(self.savepoint)

    @precondition(lambda self: len(self.built) < 4)
    @rule(lot=LOT)
    def build(self, lot: str) -> None:
        self.hours += 1
        number = len(self.built)
        order = chip_order(f"P{number}", self.dies[2 * number : 2 * number + 2])
        order = replace(order, materials=(Material(lot, TAKEN),))
        asked = command(hours=self.hours)
        if self.model.left()[lot] < TAKEN:
            with pytest.raises(SupplychainError), transaction.atomic():
                assemble_units(order=order, command=asked)
            return
        event = assemble_units(order=order, command=asked)
        self.built.append(event)
        self._keep(event, event, {lot: TAKEN}, event.occurred_at)

    @precondition(lambda self: self.built)
    @rule(pick=st.integers(0, 3), old=LOT, new=LOT, count=st.integers(1, 5), ago=HOURS_AGO)
    def retell(self, pick: int, old: str, new: str, count: int, ago: int | None) -> None:
        """ago: hours since it was exchanged; None for a mistake."""
        self.hours += 1
        event = self.built[pick % len(self.built)]
        asked = command(hours=self.hours - (ago or 0), reason="wrong-lot")
        since = self._since(event, old, count, None if ago is None else asked.occurred_at)
        if old == new or since is None or count > self.model.left()[new]:
            with pytest.raises(SupplychainError), transaction.atomic():
                order = ReissueOrder((Reissue(old, new, count),), ago is not None)
                reissue_material(event=event, order=order, command=asked)
            return
        order = ReissueOrder((Reissue(old, new, count),), ago is not None)
        told = reissue_material(event=event, order=order, command=asked)
        self._keep(event, told, {old: -count, new: count}, since)

    def _since(
        self, event: Event, old: str, count: int, exchanged_at: datetime | None
    ) -> datetime | None:
        """From when it counts; None for what cannot have been."""
        package = event.lot.code
        moments = [exchanged_at] if exchanged_at else self.model.moments(package)
        held = (one for one in moments if self.model.holds(package, old, count, one))
        return next(held, None)

    def _keep(self, event: Event, told: Event, counts: dict[str, int], since: datetime) -> None:
        for lot, count in counts.items():
            self.model.changes.append(Change(event.lot.code, lot, count, told.seq, since))

    @invariant()
    def what_is_told_now_is_the_models(self) -> None:
        connection.check_constraints()
        stands = dict(Lot.objects.filter(code__in=LOTS).values_list("code", "quantity"))
        assert stands == self.model.left()
        for event in self.built:
            assert told(event) == self.model.used(event.lot.code)

    @invariant()
    def at_any_moment_a_package_has_the_parts_that_it_took(self) -> None:
        for event in self.built:
            for moment in self.model.moments(event.lot.code):
                then = told(event, Moment(happened_by=moment))
                assert sum(then.values()) == TAKEN
                assert then == self.model.used(event.lot.code, Moment(happened_by=moment))

    @rule(back=st.integers(0, 5), is_by_time=st.booleans())
    def as_of(self, back: int, is_by_time: bool) -> None:
        moment = Moment(seq=max(self.first, Event.objects.latest("seq").seq - back))
        if is_by_time:
            moment = Moment(happened_by=T0 + timedelta(hours=max(self.hours - back, 0)))
        rows = lots_as_of(moment.seq, moment.happened_by)
        then = {row.code: row.quantity for row in rows if row.code in LOTS}
        assert then == self.model.left(moment)
        for event in self.built:
            assert told(event, moment) == self.model.used(event.lot.code, moment)


def told(event: Event, moment: Moment | None = None) -> dict[str, int]:
    serial = f"{event.lot.code}-P0"
    return {one.lot_code: one.quantity for one in materials_of([serial], moment)}


def test_material_is_as_the_model_says_now_and_then(reference: None) -> None:
    run_machine(
        MaterialHistories,
        settings=settings(
            max_examples=max(HISTORIES // 8, 3),
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
