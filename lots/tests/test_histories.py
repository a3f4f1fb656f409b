"""Random histories of lots against a plain model: every projection, as known then and as happened.

HISTORIES=500 runs more of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lots.domain.commands import Command, HoldOrder, Selection
from lots.domain.orders import Loss, TrackOutOrder
from lots.domain.words import HoldClass
from lots.models import Event, Hold, Lot
from lots.selectors.as_of import lots_as_of
from lots.selectors.verifying import first_fault
from lots.services import (
    bank_lot,
    correct_event,
    hold_lot,
    merge_lots,
    move_lot,
    record_bonus,
    record_loss,
    release_hold,
    scrap_units,
    split_lot,
    track_in,
    track_out,
    unbank_lot,
)
from lots.tests.making import T0, command, counted_lot, step
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

STEPS = ["RCV", "SFT", "TRAY", "FCT", "PORT", "STOCK", "INSTALL", "FABRIC"]
QUANTITY = 20
HISTORIES = int(os.environ.get("HISTORIES", "25"))
CORRECTABLE = ["move", "track-in", "track-out", "loss", "bonus", "scrap", "bank", "unbank"]


@dataclass(frozen=True)
class Stand:
    """What the model says of a lot."""

    quantity: int
    step: int = 0
    state: str = "active"
    holds: int = 0
    is_tracked_in: bool = False


@dataclass
class Model:
    """Lots by code, and what they were after every event."""

    lots: dict[str, Stand] = field(default_factory=dict)
    told: list[dict[str, Stand]] = field(default_factory=list)

    def change(self, code: str, **facts: Any) -> None:
        self.lots[code] = replace(self.lots[code], **facts)


class Histories(RuleBasedStateMachine):
    """Verbs on lots without serials; the refused ones must change nothing."""

    lots = Bundle("lots")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.hours = 0
        self.last: dict[str, tuple[Event, Stand]] = {}
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        assert first_fault() is None
        transaction.savepoint_rollback(self.savepoint)

    def command(self, reason: str = "") -> Command:
        self.hours += 1
        return command(hours=self.hours, reason=reason)

    def act(self, code: str, work: Callable[[Lot], Event], **facts: Any) -> None:
        """Do it; with facts the model changes so, without them it must be refused."""
        before = self.model.lots[code]
        if not facts:
            with pytest.raises(SupplychainError), transaction.atomic():
                work(self.row(code))
            return
        event = work(self.row(code))
        self.model.change(code, **facts)
        self.last[code] = (event, before)
        self.note()

    def row(self, code: str) -> Lot:
        return Lot.objects.select_related("step", "route_version").get(code=code)

    def note(self) -> None:
        self.model.told.append(dict(self.model.lots))

    @rule(target=lots)
    def receive(self) -> str:
        code = f"H{len(self.model.lots)}"
        counted_lot(code, quantity=QUANTITY)
        self.model.lots[code] = Stand(QUANTITY)
        self.note()
        return code

    @rule(code=lots, to=st.integers(0, len(STEPS) - 1), reason=st.sampled_from(["", "again"]))
    def move(self, code: str, to: int, reason: str) -> None:
        now, order = self.model.lots[code], self.command(reason)
        forward = to > now.step and not now.holds and not now.is_tracked_in
        may = now.state == "active" and (forward or (to < now.step and reason))
        facts = {"step": to, "is_tracked_in": False} if may else {}
        self.act(
            code,
            lambda lot: move_lot(lot=lot, to_step=step("D", STEPS[to]), command=order),
            **facts,
        )

    @rule(code=lots, quantity=st.integers(1, QUANTITY + 5), verb=st.sampled_from(["scrap", "loss"]))
    def lose(self, code: str, quantity: int, verb: str) -> None:
        now = self.model.lots[code]
        order, selection = self.command("missing"), Selection(quantity=quantity)
        service = scrap_units if verb == "scrap" else record_loss
        left = now.quantity - quantity
        facts: dict[str, Any] = {}
        if now.state in {"active", "banked"} and left >= 0:
            facts = {"quantity": left}
        if facts and not left:
            facts |= {"state": "scrapped"}
        self.act(code, lambda lot: service(lot=lot, selection=selection, command=order), **facts)

    @rule(code=lots, quantity=st.integers(1, 5))
    def find(self, code: str, quantity: int) -> None:
        now, order = self.model.lots[code], self.command("found")
        facts = {"quantity": now.quantity + quantity} if now.state == "active" else {}
        self.act(code, lambda lot: record_bonus(lot=lot, quantity=quantity, command=order), **facts)

    @rule(target=lots, code=lots, quantity=st.integers(1, QUANTITY))
    def split(self, code: str, quantity: int) -> str:
        now, order = self.model.lots[code], self.command()
        child, selection = f"H{len(self.model.lots)}", Selection(quantity=quantity)
        may = now.state in {"active", "banked"} and not now.holds and quantity < now.quantity
        if may:
            self.model.lots[child] = replace(now, quantity=quantity, holds=0)
        facts = {"quantity": now.quantity - quantity} if may else {}
        self.act(
            code,
            lambda lot: split_lot(lot=lot, child_code=child, selection=selection, command=order),
            **facts,
        )
        return child if may else code

    @rule(code=lots, other=lots)
    def merge(self, code: str, other: str) -> None:
        now, gone, order = self.model.lots[code], self.model.lots[other], self.command()
        alike = (now.step, now.state) == (gone.step, gone.state)
        may = code != other and alike and now.state in {"active", "banked"}
        may = may and not (now.holds or gone.holds or now.is_tracked_in or gone.is_tracked_in)
        if may:
            self.model.change(other, quantity=0, state="finished", is_tracked_in=False)
            self.last.pop(other, None)
        facts = {"quantity": now.quantity + gone.quantity} if may else {}
        rest = [self.row(other)]
        self.act(code, lambda lot: merge_lots(into=lot, lots=rest, command=order), **facts)

    @rule(code=lots)
    def hold(self, code: str) -> None:
        order = self.command()
        self.act(
            code,
            lambda lot: hold_lot(
                lot=lot, order=HoldOrder(HoldClass.QUALITY, "look"), command=order
            ),
            holds=self.model.lots[code].holds + 1,
        )

    @rule(code=lots)
    def release(self, code: str) -> None:
        hold = Hold.objects.filter(lot__code=code, released_at=None).order_by("id").first()
        if hold is not None:
            order = self.command()
            self.act(
                code,
                lambda _lot: release_hold(hold=hold, disposition="use", command=order),
                holds=self.model.lots[code].holds - 1,
            )

    @rule(code=lots)
    def bank(self, code: str) -> None:
        now, order = self.model.lots[code], self.command()
        is_in = now.state == "banked"
        may = is_in or (now.state == "active" and not now.is_tracked_in)
        facts = {"state": "active" if is_in else "banked"} if may else {}
        service = unbank_lot if is_in else bank_lot
        self.act(code, lambda lot: service(lot=lot, command=order), **facts)

    @rule(code=lots)
    def begin(self, code: str) -> None:
        now, order = self.model.lots[code], self.command()
        may = now.state == "active" and not now.holds and not now.is_tracked_in
        facts = {"is_tracked_in": True} if may else {}
        self.act(code, lambda lot: track_in(lot=lot, command=order), **facts)

    @rule(code=lots, lost=st.integers(0, QUANTITY + 5))
    def finish(self, code: str, lost: int) -> None:
        now, left = self.model.lots[code], self.model.lots[code].quantity - lost
        losses = (Loss("missing", Selection(quantity=lost)),) if lost else ()
        order = self.command()
        facts: dict[str, Any] = {}
        if now.state == "active" and now.is_tracked_in and not now.holds and left >= 0:
            facts = {"quantity": left, "is_tracked_in": False}
            facts |= {"step": min(now.step + 1, len(STEPS) - 1)} if left else {"state": "scrapped"}
        self.act(
            code,
            lambda lot: track_out(lot=lot, order=TrackOutOrder(losses=losses), command=order),
            **facts,
        )

    @precondition(lambda self: bool(self.last))
    @rule(code=lots)
    def correct(self, code: str) -> None:
        """The lot's last event, when it can be undone and nothing came after it."""
        event, before = self.last.get(code, (None, None))
        if event is None or before is None or event.verb not in CORRECTABLE:
            return
        if event != Event.objects.filter(lines__lot__code=code).order_by("-seq").first():
            return
        now, order = self.model.lots[code], self.command("mistake")
        self.act(
            code,
            lambda _lot: correct_event(event=event, command=order),
            quantity=before.quantity,
            step=before.step,
            state=before.state,
            is_tracked_in=before.is_tracked_in,
            holds=now.holds,
        )
        self.last.pop(code)

    @invariant()
    def every_projection_agrees(self) -> None:
        rows = Lot.objects.select_related("step")
        held = Hold.objects.filter(released_at=None).values_list("lot__code", flat=True)
        found = {
            lot.code: Stand(
                lot.quantity,
                STEPS.index(lot.step.code),
                lot.state,
                list(held).count(lot.code),
                lot.tracked_in_at is not None,
            )
            for lot in rows
        }
        assert found == self.model.lots

    @precondition(lambda self: bool(self.model.told))
    @rule(share=st.floats(0, 1))
    def what_was_known_then_is_still_told(self, share: float) -> None:
        seq = 1 + round(share * (len(self.model.told) - 1))
        found = {
            one.code: (one.quantity, STEPS.index(one.step), one.state, len(one.hold_reasons))
            for one in lots_as_of(seq=seq)
        }
        told = self.model.told[seq - 1]
        assert found == {
            code: (one.quantity, one.step, one.state, one.holds) for code, one in told.items()
        }

    @precondition(lambda self: bool(self.model.told))
    @rule()
    def everything_that_happened_is_what_stands(self) -> None:
        now = T0 + timedelta(hours=self.hours + 1)
        found = {one.code: (one.quantity, one.step) for one in lots_as_of(happened_by=now)}
        assert found == {
            code: (one.quantity, STEPS[one.step]) for code, one in self.model.lots.items()
        }


def test_random_histories_agree_with_a_plain_model() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
