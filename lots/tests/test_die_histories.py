"""Random histories of wafers, their dies and what is built of them, against a plain model.

HISTORIES=500 runs more of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from lots.domain.commands import Command, Selection
from lots.models import Event, Genealogy, Lot, Unit, Wafer
from lots.selectors.as_of import lots_as_of
from lots.selectors.genealogy import edges_around
from lots.selectors.verifying import first_fault
from lots.services import (
    assemble_units,
    bin_down,
    correct_event,
    receive_wafers,
    scrap_units,
    split_lot,
)
from lots.tests.making import chip_order, command, dice, die_orders, wafer_lot
from lots.tests.test_histories import HISTORIES
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

WAFERS, DIES = 2, 3
BESIDE_PARTS = {"assemble", "scrap", "split", "bin"}
Place = tuple[int, int]


@dataclass(frozen=True)
class Stand:
    """A lot of wafers, or of their dies. wafers: numbers of those not scrapped; extra: others."""

    wafers: frozenset[int] = frozenset(range(1, WAFERS + 1))
    extra: frozenset[str] = frozenset()
    good: frozenset[str] = frozenset()
    is_cut: bool = False
    state: str = "active"

    @property
    def quantity(self) -> int:
        return len(self.good) if self.is_cut else len(self.wafers) + len(self.extra)

    @property
    def facts(self) -> tuple[int, str, str]:
        return self.quantity, "die" if self.is_cut else "wafer", self.state


@dataclass
class Told:
    """An event, the lots it touched, and what these were before and after it."""

    event: Event
    before: dict[str, Stand]
    after: dict[str, Stand]
    stands: bool = True


@dataclass
class Model:
    """home: die that is there → its lot, also when built in. inside: package → its dies."""

    lots: dict[str, Stand] = field(default_factory=dict)
    home: dict[str, str] = field(default_factory=dict)
    inside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    then: list[dict[str, tuple[int, str, str]]] = field(default_factory=list)
    edges: list[dict[str, tuple[str, ...]]] = field(default_factory=list)

    def later(self, one: Told, code: str) -> list[str]:
        """Verbs of later events of the lot that stand."""
        since = self.told[self.told.index(one) + 1 :]
        return [late.event.verb for late in since if late.stands and code in late.before]

    def note(self) -> None:
        there = {code: one.facts for code, one in self.lots.items() if one.state != "withdrawn"}
        self.then.append(there)
        self.edges.append(dict(self.inside))


class DieHistories(RuleBasedStateMachine):
    """Verbs on wafer lots; the refused ones must change nothing."""

    lots = Bundle("lots")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.hours = 0
        self.count = 0
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        assert first_fault() is None
        transaction.savepoint_rollback(self.savepoint)

    def command(self, reason: str = "") -> Command:
        self.hours += 1
        return command(hours=self.hours, reason=reason)

    def tried(self, work: Callable[[], Event], *, may: bool) -> Event | None:
        if may:
            return work()
        with pytest.raises(SupplychainError), transaction.atomic():
            work()
        return None

    def happened(self, event: Event, **now: Stand) -> None:
        before = {code: self.model.lots.get(code, Stand()) for code in now}
        self.model.told.append(Told(event, before, now))
        self.model.lots.update(now)
        self.model.note()

    def named(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version", "product").get(code=code)

    def wafer(self, die: str) -> int:
        return int(Unit.objects.values_list("wafer__number", flat=True).get(serial=die) or 0)

    @rule(target=lots)
    def receive(self) -> str:
        code = self.named("H")
        lot = wafer_lot(code, step="DICE", wafers=WAFERS)
        self.happened(lot.events.get(), **{code: Stand()})
        return code

    @rule(code=lots)
    def receive_again(self, code: str) -> None:
        may = self.model.lots[code].state == "withdrawn"
        event = self.tried(
            lambda: wafer_lot(code, step="DICE", wafers=WAFERS).events.latest("seq"), may=may
        )
        if event is not None:
            self.happened(event, **{code: Stand()})

    @rule(code=lots)
    def add(self, code: str) -> None:
        now, scribe, order = self.model.lots[code], self.named("N3-"), self.command()
        event = self.tried(
            lambda: receive_wafers(lot=self.row(code), wafer_codes=(scribe,), command=order),
            may=now.state == "active" and not now.is_cut,
        )
        if event is not None:
            self.happened(event, **{code: replace(now, extra=now.extra | {scribe})})

    @rule(code=lots, bad=st.integers(0, DIES))
    def cut(self, code: str, bad: int) -> None:
        now, numbers = self.model.lots[code], sorted(self.model.lots[code].wafers)
        dies = [die for die in die_orders(WAFERS, DIES, bad) if die.wafer_number in numbers]
        may = now.state == "active" and not now.is_cut and not now.extra and bool(dies)
        self.hours += 1
        event = self.tried(lambda: dice(self.row(code), dies), may=may)
        if event is not None:
            units = Unit.objects.filter(created_by=event)
            good = frozenset(units.filter(state="good").values_list("serial", flat=True))
            self.model.home |= dict.fromkeys(units.values_list("serial", flat=True), code)
            state = "active" if good else "finished"
            self.happened(event, **{code: replace(now, is_cut=True, good=good, state=state)})

    @rule(code=lots, number=st.integers(1, WAFERS))
    def scrap(self, code: str, number: int) -> None:
        now, order = self.model.lots[code], self.command("handling")
        gone = frozenset(die for die in now.good if self.wafer(die) == number)
        event = self.tried(
            lambda: scrap_units(
                lot=self.row(code), selection=Selection(wafers=(number,)), command=order
            ),
            may=now.state == "active" and number in now.wafers,
        )
        if event is None:
            return
        after = replace(now, wafers=now.wafers - {number}, good=now.good - gone)
        is_over = now.quantity and not after.quantity
        self.happened(event, **{code: replace(after, state="scrapped" if is_over else now.state)})

    @rule(target=lots, code=lots, number=st.integers(1, WAFERS))
    def split(self, code: str, number: int) -> str:
        """One wafer, or all that is left of its dies; what is built in goes along by its lot."""
        now, order, child = self.model.lots[code], self.command(), self.named("H")
        part = frozenset(die for die in now.good if self.wafer(die) == number)
        taken = len(part) if now.is_cut else 1
        event = self.tried(
            lambda: split_lot(
                lot=self.row(code), child_code=child, selection=Selection(wafers=(number,)),
                command=order,
            ),
            may=now.state == "active" and number in now.wafers and 0 < taken < now.quantity,
        )  # fmt: skip
        if event is None:
            return code
        for die, home in list(self.model.home.items()):
            if home == code and self.wafer(die) == number:
                self.model.home[die] = child
        left = replace(now, wafers=now.wafers - {number}, good=now.good - part)
        apart = replace(now, wafers=frozenset({number}), extra=frozenset(), good=part)
        self.happened(event, **{code: left, child: apart})
        return child

    @rule(code=lots, is_again=st.booleans())
    def assemble(self, code: str, is_again: bool) -> None:
        """A package in a lot of its own; under a name that was taken back, where there is one."""
        now, order = self.model.lots[code], self.command()
        dies, free = sorted(now.good)[:2], self.taken_back()
        if len(dies) < 2:
            return
        name = free[0] if is_again and free else self.named("P")
        units = [Unit.objects.get(serial=die) for die in dies]
        event = self.tried(
            lambda: assemble_units(order=chip_order(name, units), command=order),
            may=now.state == "active",
        )
        if event is not None:
            self.model.inside[f"{name}-P0"] = tuple(dies)
            good = now.good - set(dies)
            state = now.state if good else "finished"
            self.happened(event, **{code: replace(now, good=good, state=state)})

    def taken_back(self) -> list[str]:
        gone = Lot.objects.filter(state="withdrawn", kind="assembly").order_by("id")
        return list(gone.values_list("code", flat=True))

    @rule(code=lots)
    def bin(self, code: str) -> None:
        """Dies are of the only product of their kind, and go nowhere."""
        now, order = self.model.lots[code], self.command("speed")
        if now.quantity:
            with pytest.raises(SupplychainError), transaction.atomic():
                bin_down(
                    lot=self.row(code), child_code=self.named("B"), product_code="TRN3-DIE",
                    selection=Selection(quantity=now.quantity), command=order,
                )  # fmt: skip

    @rule(share=st.floats(0, 1))
    def correct(self, share: float) -> None:
        if not self.model.told:
            return
        one = self.model.told[round(share * (len(self.model.told) - 1))]
        order, verb = self.command("never was"), one.event.verb
        done = self.tried(
            lambda: correct_event(event=one.event, command=order), may=self.may_undo(one)
        )
        if done is not None:
            one.stands = False
            self.undo(one, verb)
            self.model.note()

    def may_undo(self, one: Told) -> bool:
        if not one.stands or one.event.verb == "split":
            return False
        if one.event.verb != "assemble":
            return not any(self.model.later(one, code) for code in one.before)
        (code,) = one.before
        dies = self.model.inside[self.package(one)]
        are_here = all(self.model.home[die] == code for die in dies)
        return are_here and set(self.model.later(one, code)) <= BESIDE_PARTS

    def package(self, one: Told) -> str:
        return f"{one.event.lot.code}-P0"

    def undo(self, one: Told, verb: str) -> None:
        (code,) = one.before
        now, before = self.model.lots[code], one.before[code]
        if verb == "assemble":
            good = now.good | set(self.model.inside.pop(self.package(one)))
            state = now.state if now.good else "active"
            self.model.lots[code] = replace(now, good=good, state=state)
        elif verb == "scrap":
            good = now.good | (before.good - one.after[code].good)
            self.model.lots[code] = replace(before, good=good)
        elif verb == "receive" and one.event.payload.get("wafers") is None:
            self.model.lots[code] = Stand(frozenset(), state="withdrawn")
        else:
            self.model.lots[code] = before
        if verb == "dice":
            self.model.home = {die: lot for die, lot in self.model.home.items() if lot != code}

    @invariant()
    def every_projection_agrees(self) -> None:
        free = Unit.objects.exclude(parent_edges__in=Genealogy.objects.filter(valid_to=None))
        for code, now in self.model.lots.items():
            lot = Lot.objects.get(code=code)
            live = Wafer.objects.filter(lot=lot, is_scrapped=False)
            numbers = frozenset(wafer.number for wafer in live if wafer.number is not None)
            extra = frozenset(live.filter(number=None).values_list("code", flat=True))
            good = free.filter(lot=lot, state="good").values_list("serial", flat=True)
            is_cut = lot.unit_of_measure == "die"
            assert Stand(numbers, extra, frozenset(good), is_cut, lot.state) == now
            assert lot.quantity == now.quantity
        homes = dict(
            Unit.objects.filter(kind="die", lot__isnull=False).values_list("serial", "lot__code")
        )
        assert homes == self.model.home
        assert self.inside_now() == self.model.inside

    def inside_now(self) -> dict[str, tuple[str, ...]]:
        rows = Genealogy.objects.filter(valid_to=None).order_by("parent", "position")
        found: dict[str, tuple[str, ...]] = {}
        for parent, child in rows.values_list("parent__serial", "child__serial"):
            found[parent] = (*found.get(parent, ()), child)
        return found

    @rule(share=st.floats(0, 1))
    def what_was_known_then_is_still_told(self, share: float) -> None:
        if not self.model.then:
            return
        seq = 1 + round(share * (len(self.model.then) - 1))
        told = {
            one.code: (one.quantity, one.unit_of_measure, one.state) for one in lots_as_of(seq=seq)
        }
        wafers = {code: facts for code, facts in told.items() if code in self.model.lots}
        assert wafers == self.model.then[seq - 1]
        for unit in Unit.objects.filter(kind="package"):
            known = self.model.edges[seq - 1].get(unit.serial, ())
            edges = edges_around([unit.pk], seq=seq)
            assert tuple(sorted(edge.serial for edge in edges)) == tuple(sorted(known))


def test_random_histories_of_dies_agree_with_a_plain_model() -> None:
    run_machine(
        DieHistories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
