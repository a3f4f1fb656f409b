"""Random histories of lots against a plain model: every projection, as known then and as happened.

HISTORIES=500 runs more of them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lots.domain.commands import HoldOrder, Selection
from lots.domain.orders import AmendOrder, Loss, TrackOutOrder
from lots.domain.words import HoldClass, LotPurpose
from lots.models import Event, Hold, Lot, RouteVersion
from lots.selectors.as_of import lots_as_of
from lots.services import (
    amend_lot,
    bank_lot,
    correct_event,
    hold_lot,
    move_lot,
    receive_shipment,
    record_late_move,
    release_hold,
    reroute_lot,
    ship_lot,
    track_in,
    track_out,
    unbank_lot,
)
from lots.tests.histories import STEPS, Stand, stand_of, stand_then
from lots.tests.machines import BACK, QUANTITY, LotMachine
from lots.tests.making import T0, counted_lot, supplier
from lots.tests.part_machines import PartMachine
from supplychain.base.errors import SupplychainError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]

COMPANIES = ["ODM1", "OSAT1", "TSMC"]
HISTORIES = int(os.environ.get("HISTORIES", "25"))
CORRECTABLE = [
    "move", "track-in", "track-out", "loss", "bonus", "scrap", "bank", "unbank", "ship", "reroute",
    "amend",
]  # fmt: skip


class Histories(PartMachine):
    """Verbs on lots without serials; the refused ones must change nothing."""

    lots = LotMachine.lots

    @rule(target=lots)
    def receive(self) -> str:
        """On the newest version, which is the second."""
        code = f"H{len(self.model.lots)}"
        self.bring(code)
        return code

    def bring(self, code: str) -> None:
        counted_lot(code, quantity=QUANTITY)
        self.model.bear(code, Stand(QUANTITY, version=2), 0)
        self.model.note()

    @rule(code=lots)
    def receive_again(self, code: str) -> None:
        """Under its code a lot comes again only after what brought it was taken back."""
        if not self.model.is_there(code):
            self.bring(code)
            return
        with pytest.raises(SupplychainError), transaction.atomic():
            counted_lot(code, quantity=QUANTITY)

    @rule(code=lots)
    def take_back(self, code: str) -> None:
        births = Event.objects.filter(lot__code=code, verb="receive", step_from=None)
        born, order = births.order_by("-seq").first(), self.command("never came")
        if born is None:
            return
        if not self.model.is_as_born(code):
            with pytest.raises(SupplychainError), transaction.atomic():
                correct_event(event=born, command=order)
            return
        correct_event(event=born, command=order)
        self.model.take_back(code)
        self.model.note()
        self.last.pop(code, None)
        self.plans[code] = set()

    @rule(code=lots, to=st.integers(0, len(STEPS) - 1), reason=st.sampled_from(["", "again"]))
    def move(self, code: str, to: int, reason: str) -> None:
        now, order = self.model.lots[code], self.command(reason)
        forward = to > now.step and now.is_free
        may = now.state == "active" and (forward or (to < now.step and reason))
        facts = {"step": to, "is_tracked_in": False} if may else {}
        self.act(
            code,
            lambda lot: move_lot(lot=lot, to_step=self.step(now, to), command=order),
            **facts,
        )

    @rule(code=lots, to=st.integers(0, len(STEPS) - 1), back=st.integers(1, 30))
    def move_late(self, code: str, to: int, back: int) -> None:
        """A place that the lot had between others; where it is now stays."""
        now, past, hour = self.model.lots[code], self.model.past[code], self.late(code, back)
        placed = [deed for deed in past.deeds if deed.place and deed.hour > hour]
        later = Event.objects.filter(lot__code=code, step_to__isnull=False).order_by("-seq")
        if not placed:
            return
        _, place, _ = past.by(hour)
        may, order = place != (to, now.version), self.command(hour=hour)
        event = next(one for one in later if one.occurred_at > order.occurred_at)
        self.act(
            code,
            lambda lot: record_late_move(
                lot=lot, to_step=self.step(now, to), overtaken_by=event, command=order
            ),
            hour,
            **(dict[str, Any](holds=now.holds) if may else {}),
        )
        if may:
            past.deeds[-1] = replace(past.deeds[-1], place=(to, now.version), is_stop=False)

    @rule(code=lots, back=BACK)
    def hold(self, code: str, back: int) -> None:
        hour = self.late(code, back)
        order, holds = self.command(hour=hour), self.model.lots[code].holds
        self.act(
            code,
            lambda lot: hold_lot(
                lot=lot, order=HoldOrder(HoldClass.QUALITY, "look"), command=order
            ),
            hour,
            **({"holds": holds + 1} if self.model.is_there(code) else {}),
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
        facts: dict[str, Any] = {"state": "active" if is_in else "banked"} if may else {}
        service = unbank_lot if is_in else bank_lot
        self.act(code, lambda lot: service(lot=lot, command=order), **facts)

    @rule(code=lots)
    def begin(self, code: str) -> None:
        order = self.command()
        facts = {"is_tracked_in": True} if self.model.lots[code].is_free else {}
        self.act(code, lambda lot: track_in(lot=lot, command=order), **facts)

    @rule(code=lots, lost=st.integers(0, QUANTITY + 5))
    def finish(self, code: str, lost: int) -> None:
        now, left = self.model.lots[code], self.model.lots[code].quantity - lost
        losses = (Loss("handling", Selection(quantity=lost)),) if lost else ()
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

    @rule(code=lots, to=st.sampled_from(COMPANIES))
    def ship(self, code: str, to: str) -> None:
        now, order = self.model.lots[code], self.command()
        may = now.is_free and (to != now.custodian or bool(now.customer))
        self.act(
            code,
            lambda lot: ship_lot(lot=lot, to=supplier(to), customer="", command=order),
            **(dict[str, Any](state="shipped") if may else {}),
        )

    @rule(code=lots, at=st.sampled_from(COMPANIES), further=st.integers(0, 2))
    def arrive(self, code: str, at: str, further: int) -> None:
        now, order = self.model.lots[code], self.command()
        to = min(now.step + further, len(STEPS) - 1)
        may = now.state == "shipped" and not (to > now.step and now.holds)
        self.act(
            code,
            lambda lot: receive_shipment(
                lot=lot,
                custodian=supplier(at),
                to_step=self.step(now, to),
                counted_quantity=now.quantity,
                command=order,
            ),
            **(dict[str, Any](state="active", step=to, custodian=at) if may else {}),
        )

    @rule(code=lots, version=st.integers(1, 2), to=st.integers(0, len(STEPS) - 1))
    def reroute(self, code: str, version: int, to: int) -> None:
        now, order = self.model.lots[code], self.command("better route")
        may = now.is_free and version != now.version
        target = RouteVersion.objects.get(route__code="D", version=version)
        self.act(
            code,
            lambda lot: reroute_lot(
                lot=lot, to_version=target, to_step_code=STEPS[to], command=order
            ),
            **(dict[str, Any](version=version, step=to) if may else {}),
        )

    @rule(
        code=lots,
        said=st.sampled_from(
            [{"is_hot": True}, {"is_hot": False}, {"customer": "hyperscaler"}, {"customer": ""}]
        ),
        purpose=st.sampled_from([None, *LotPurpose]),
    )
    def amend(self, code: str, said: dict[str, Any], purpose: LotPurpose | None) -> None:
        now, order = self.model.lots[code], self.command("as agreed")
        wanted = said | ({"purpose": purpose} if purpose else {})
        new = {name: value for name, value in wanted.items() if getattr(now, name) != value}
        may = self.model.is_there(code)
        self.act(
            code,
            lambda lot: amend_lot(lot=lot, order=AmendOrder(**wanted), command=order),
            **(new if may else {}),
        )

    @precondition(lambda self: bool(self.last))
    @rule(code=lots)
    def correct(self, code: str) -> None:
        """The lot's last event, when it can be undone and nothing came after it."""
        event, before, deed = self.last.get(code, (None, None, None))
        if event is None or before is None or event.verb not in CORRECTABLE:
            return
        if event != Event.objects.filter(lines__lot__code=code).order_by("-seq").first():
            return
        order, past = self.command("mistake"), self.model.past[code]
        holds = self.model.lots[code].holds
        self.open_before = set(Hold.objects.filter(released_at=None).values_list("pk", flat=True))
        self.act(
            code,
            lambda _lot: correct_event(event=event, command=order),
            **(vars(before) | {"holds": holds}),
        )
        past.deeds = [one for one in past.deeds[:-1] if one is not deed]
        self.last.pop(code)
        self.take_back_fire(code, event)

    @invariant()
    def every_projection_agrees(self) -> None:
        rows = Lot.objects.select_related("step", "route_version", "custodian")
        held = list(Hold.objects.filter(released_at=None).values_list("lot__code", flat=True))
        assert {lot.code: stand_of(lot, held.count(lot.code)) for lot in rows} == self.model.lots

    @precondition(lambda self: bool(self.model.told))
    @rule(share=st.floats(0, 1))
    def what_was_known_then_is_still_told(self, share: float) -> None:
        seq = 1 + round(share * (len(self.model.told) - 1))
        found = {one.code: stand_then(one) for one in lots_as_of(seq=seq)}
        assert found == self.model.told[seq - 1]

    @precondition(lambda self: bool(self.model.told))
    @rule(share=st.floats(0, 1))
    def what_happened_by_then_is_told_as_known_now(self, share: float) -> None:
        hour = round(share * (self.hours + 1))
        then = T0 + timedelta(hours=hour)
        found = {
            one.code: (one.quantity, (STEPS.index(one.step), one.route_version), one.custodian)
            for one in lots_as_of(happened_by=then)
        }
        assert found == self.model.happened_by(hour)


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
