"""Random histories of serialised units against a plain model: holds on parts, rework, assembly.

HISTORIES=500 runs more of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from lots.domain.commands import AssemblyOrder, Build, Command, HoldOrder, Part, Selection
from lots.domain.words import HoldClass, HoldScope
from lots.models import Event, Genealogy, Hold, Lot, Unit
from lots.selectors.as_of import lots_as_of
from lots.selectors.verifying import first_fault
from lots.services import (
    assemble_units,
    correct_event,
    hold_lot,
    record_loss,
    release_hold,
    rework_in,
    rework_out,
    scrap_units,
    split_lot,
    swap_part,
)
from lots.tests.folding import Fold
from lots.tests.making import T0, chip_lot, command
from lots.tests.routing import released_route
from lots.tests.test_histories import HISTORIES
from lots.tests.unit_model import Model, Stand
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue", "polish")]

CHIPS = 5
PICKS = st.sets(st.integers(0, CHIPS - 1), min_size=1)
BACK = st.sampled_from([0, 0, 2, 5])
"""Hours by which an act is told too late."""


@pytest.fixture
def polish(catalogue: None) -> None:
    released_route("POLISH", {"code": "LOOK"}, is_rework=True)


class UnitHistories(RuleBasedStateMachine):
    """Verbs on lots of chips with serials; the refused ones must change nothing."""

    lots = Bundle("lots")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.hours = 0
        self.last: dict[str, tuple[Event, Stand]] = {}
        self.built: dict[str, tuple[Event, str, Stand]] = {}
        self.brought: dict[str, Event] = {}
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        assert first_fault() is None
        transaction.savepoint_rollback(self.savepoint)

    def command(self, reason: str = "", back: int = 0) -> Command:
        self.hours += 1
        return command(hours=max(self.hours - back, 0), reason=reason)

    def tried(self, work: Callable[[], Event], *, may: bool) -> Event | None:
        """Do it when the model allows it; it must be refused otherwise."""
        if may:
            return work()
        with pytest.raises(SupplychainError), transaction.atomic():
            work()
        return None

    def changed(self, code: str, event: Event, now: Stand) -> None:
        self.last[code] = (event, self.model.lots[code])
        self.model.lots[code] = now
        self.model.told.append(self.model.facts())

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version").get(code=code)

    def picked(self, code: str, picks: Iterable[int]) -> tuple[str, ...]:
        good = sorted(self.model.lots[code].good)
        return tuple(good[number] for number in sorted(picks) if number < len(good))

    @rule(target=lots)
    def receive(self) -> str:
        code = f"H{len(self.model.lots)}"
        self.bring(code, [f"{code}-C{number}" for number in range(CHIPS)])
        return code

    def bring(self, code: str, serials: Iterable[str]) -> None:
        names = tuple(sorted(serials))
        lot = chip_lot(code, chips=len(names), serials=names)
        self.model.lots[code] = Stand(frozenset(names))
        self.model.told.append(self.model.facts())
        self.brought[code] = lot.events.latest("seq")

    @rule(target=lots, code=lots, is_same=st.booleans())
    def receive_again(self, code: str, is_same: bool) -> str:
        """What was taken back, in the same lot or in another; what is there is refused."""
        chips = self.model.withdrawn.pop(code, None)
        if chips is None:
            good = sorted(self.model.lots[code].good)
            if good:
                with pytest.raises(SupplychainError), transaction.atomic():
                    chip_lot("AGAIN", chips=1, serials=(good[0],))
            return code
        target = code if is_same else f"H{len(self.model.lots)}"
        self.bring(target, chips)
        return target

    @rule(code=lots)
    def take_back(self, code: str) -> None:
        event, now = self.brought.get(code), self.model.lots[code]
        if event is None:
            return
        brought = Unit.objects.filter(created_by=event).values_list("serial", flat=True)
        whole, order = Stand(frozenset(brought)), self.command("never came")
        may = now == whole and not self.model.stops(code)
        done = self.tried(lambda: correct_event(event=event, command=order), may=may)
        if done is not None:
            self.model.withdrawn[code] = now.good
            self.changed(code, done, Stand(frozenset(), state="withdrawn"))
            self.last.pop(code)
            del self.brought[code]

    @rule(code=lots, picks=PICKS, verb=st.sampled_from(["scrap", "loss"]), back=BACK)
    def lose(self, code: str, picks: set[int], verb: str, back: int) -> None:
        now, serials = self.model.lots[code], self.picked(code, picks)
        service = scrap_units if verb == "scrap" else record_loss
        order = self.command("handling" if verb == "scrap" else "missing", back)
        if not serials:
            return
        selection = Selection(serials=serials)
        event = service(lot=self.row(code), selection=selection, command=order)
        good = now.good - set(serials)
        state = now.state if good else "scrapped"
        self.changed(
            code, event, replace(now, good=good, lost=now.lost | set(serials), state=state)
        )

    @rule(target=lots, code=lots, picks=PICKS)
    def split(self, code: str, picks: set[int]) -> str:
        now, order, child = self.model.lots[code], self.command(), f"H{len(self.model.lots)}"
        part = frozenset(self.picked(code, picks))
        if not part:
            return code
        parts = [chips & now.good for chips in self.model.stops(code)]
        may = (
            now.state == "active"
            and not self.model.is_whole_held(code)
            and part < now.good
            and all(not held & part or held <= part for held in parts)
        )
        event = self.tried(
            lambda: split_lot(
                lot=self.row(code),
                child_code=child,
                selection=Selection(serials=tuple(sorted(part))),
                command=order,
            ),
            may=may,
        )
        if event is None:
            return code
        for pk, (lot, chips) in self.model.holds.items():
            if lot == code and chips & part:
                self.model.holds[pk] = (child, chips)
        self.model.lots[child] = replace(now, good=part, lost=frozenset())
        self.changed(code, event, replace(now, good=now.good - part))
        self.last.pop(code)
        return child

    @rule(code=lots, picks=st.sets(st.integers(0, CHIPS - 1)), back=BACK)
    def hold(self, code: str, picks: set[int], back: int) -> None:
        serials = self.picked(code, picks)
        scope = HoldScope.UNIT if serials else HoldScope.LOT
        wish = HoldOrder(HoldClass.QUALITY, "look", scope=scope, serials=serials)
        order, is_there = self.command(back=back), self.model.lots[code].state != "withdrawn"
        event = self.tried(
            lambda: hold_lot(lot=self.row(code), order=wish, command=order), may=is_there
        )
        if event is None:
            return
        self.model.holds[Hold.objects.get(placed_by=event).pk] = (code, frozenset(serials))
        self.model.told.append(self.model.facts())

    @rule(code=lots, is_mistake=st.booleans())
    def release(self, code: str, is_mistake: bool) -> None:
        hold = Hold.objects.filter(lot__code=code, released_at=None).order_by("id").first()
        if hold is None:
            return
        if is_mistake:
            correct_event(event=hold.placed_by, command=self.command("mistake"))
        else:
            release_hold(hold=hold, disposition="use", command=self.command())
        del self.model.holds[hold.pk]
        self.model.told.append(self.model.facts())

    @rule(code=lots)
    def rework(self, code: str) -> None:
        now = self.model.lots[code]
        order = self.command("contact")
        may = now.state == "active" and not self.model.stops(code)

        def work() -> Event:
            if now.is_out:
                return rework_in(lot=self.row(code), command=order)
            return rework_out(
                lot=self.row(code),
                route_code="POLISH",
                step_code="LOOK",
                return_step_code="STOCK",
                command=order,
            )

        event = self.tried(work, may=may)
        if event is not None:
            attempt = now.attempt + (not now.is_out)
            self.changed(code, event, replace(now, is_out=not now.is_out, attempt=attempt))

    def may_give(self, code: str, chips: Iterable[str]) -> bool:
        is_free = not any(self.model.is_held(chip) for chip in chips)
        now = self.model.lots[code]
        return now.state == "active" and not self.model.is_whole_held(code) and is_free

    def gave(self, code: str, event: Event, chips: Iterable[str]) -> None:
        now = self.model.lots[code]
        good = now.good - set(chips)
        self.changed(code, event, replace(now, good=good, state=now.state if good else "finished"))
        self.last.pop(code)

    @rule(code=lots)
    def assemble(self, code: str) -> None:
        order, chips = self.command(), sorted(self.model.lots[code].good)[:2]
        if len(chips) < 2:
            return
        unbuilt = self.model.unbuilt
        serial = unbuilt[-1] if unbuilt else f"SLED{len(self.model.sleds)}"
        before = self.model.lots[code]
        parts = {f"P{place}": chip for place, chip in enumerate(chips)}
        build = Build(serial, tuple(Part(chip, place) for place, chip in parts.items()))
        asked = AssemblyOrder(f"L{serial}", "TRN2-SLED", "E", "SLED", "ODM1", (build,))
        event = self.tried(
            lambda: assemble_units(order=asked, command=order), may=self.may_give(code, chips)
        )
        if event is not None:
            self.model.sleds[serial] = parts
            self.built[serial] = (event, code, before)
            self.model.unbuilt = unbuilt[:-1]
            self.gave(code, event, chips)

    @rule(number=st.integers(0, 5))
    def unbuild(self, number: int) -> None:
        """A sled that never was: its chips are back where they were, if that lot stands there."""
        if not self.built:
            return
        serial = sorted(self.built)[number % len(self.built)]
        event, code, before = self.built[serial]
        now, order = self.model.lots[code], self.command("never built")
        may = (now.attempt, now.is_out) == (before.attempt, before.is_out)
        done = self.tried(lambda: correct_event(event=event, command=order), may=may)
        if done is not None:
            chips = frozenset(self.model.sleds.pop(serial).values())
            self.model.unbuilt.append(serial)
            del self.built[serial]
            state = now.state if now.good else "active"
            self.changed(code, done, replace(now, good=now.good | chips, state=state))
            self.last.pop(code)

    @rule(target=lots, code=lots, number=st.integers(0, 5))
    def swap(self, code: str, number: int) -> str:
        """A chip of a sled for one of this lot; the old one begins a lot of its own."""
        order, spare = self.command(), min(self.model.lots[code].good, default="")
        if not self.model.sleds or not spare:
            return code
        serial = sorted(self.model.sleds)[number % len(self.model.sleds)]
        old, returned = self.model.sleds[serial]["P0"], f"H{len(self.model.lots)}"
        home = Unit.objects.get(serial=old).lot
        assert home is not None
        is_free = not self.model.is_held(old) and not self.model.is_whole_held(home.code)
        event = self.tried(
            lambda: swap_part(
                parent=Unit.objects.get(serial=serial),
                position="P0",
                new_serial=spare,
                command=order,
                returned_lot_code=returned,
            ),
            may=self.may_give(code, [spare]) and is_free,
        )
        if event is None:
            return code
        self.model.sleds[serial]["P0"] = spare
        self.built.pop(serial, None)
        self.model.lots[returned] = Stand(frozenset([old]))
        self.gave(code, event, [spare])
        return returned

    @rule(code=lots)
    def correct(self, code: str) -> None:
        """The lot's last change, when nothing came after it that gave or took units."""
        event, before = self.last.get(code, (None, None))
        if event is None or before is None:
            return
        if event != Event.objects.filter(lines__lot__code=code).order_by("-seq").first():
            return
        done = correct_event(event=event, command=self.command("mistake"))
        self.changed(code, done, before)
        self.last.pop(code)

    @invariant()
    def every_projection_agrees(self) -> None:
        for code, now in self.model.lots.items():
            lot = Lot.objects.get(code=code)
            built = Genealogy.objects.filter(valid_to=None).values("child")
            own = Unit.objects.filter(lot=lot).exclude(id__in=built)
            good = frozenset(own.filter(state="good").values_list("serial", flat=True))
            lost = frozenset(own.exclude(state="good").values_list("serial", flat=True))
            is_out = lot.rework_return_step_id is not None
            assert Stand(good, lost, lot.state, lot.rework_attempt, is_out) == now
            assert lot.quantity == len(now.good)
        found = {
            hold.pk: (
                hold.lot.code,
                frozenset(hold.items.values_list("unit__serial", flat=True)),
            )
            for hold in Hold.objects.select_related("lot").filter(released_at=None)
        }
        assert found == self.model.holds

    @rule(share=st.floats(0, 1))
    def what_was_known_then_is_still_told(self, share: float) -> None:
        if not self.model.told:
            return
        seq = 1 + round(share * (len(self.model.told) - 1))
        found = {
            one.code: (one.quantity, one.state, len(one.hold_reasons))
            for one in lots_as_of(seq=seq)
            if one.code in self.model.lots
        }
        assert found == self.model.told[seq - 1]

    @rule(hours=st.integers(0, 30))
    def what_happened_by_then_is_what_a_plain_fold_tells(self, hours: int) -> None:
        by = T0 + timedelta(hours=min(hours, self.hours))
        found = {
            one.code: (one.quantity, one.state, len(one.hold_reasons))
            for one in lots_as_of(happened_by=by)
        }
        folded = {
            code: (quantity, state, holds)
            for code, (_, state, _, quantity, _, holds) in Fold(by=by).facts().items()
        }
        assert found == folded


def test_random_histories_of_units_agree_with_a_plain_model() -> None:
    run_machine(
        UnitHistories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
