"""Random verbs that change how many units a lot has, or of which lot they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from lots.domain.commands import Selection
from lots.services import (
    bin_down,
    merge_lots,
    record_bonus,
    record_loss,
    scrap_units,
    send_ahead,
    split_lot,
)
from lots.tests.histories import LESSER, STEPS
from lots.tests.machines import BACK, QUANTITY, LotMachine


class PartMachine(LotMachine):
    """Lots are split, merged, binned down, counted anew; the refused verbs must change nothing."""

    lots = LotMachine.lots

    @rule(
        code=lots,
        quantity=st.integers(1, QUANTITY + 5),
        verb=st.sampled_from(["scrap", "loss"]),
        back=BACK,
    )
    def lose(self, code: str, quantity: int, verb: str, back: int) -> None:
        now, hour = self.model.lots[code], self.late(code, back)
        order = self.command("handling" if verb == "scrap" else "missing", hour)
        selection = Selection(quantity=quantity)
        service = scrap_units if verb == "scrap" else record_loss
        left = now.quantity - quantity
        states = {"active", "banked", "shipped"} if verb == "scrap" else {"active", "banked"}
        facts: dict[str, Any] = {}
        if now.state in states and left >= 0:
            facts = {"quantity": left}
        if facts and not left:
            facts |= {"state": "scrapped"}
        self.act(
            code, lambda lot: service(lot=lot, selection=selection, command=order), hour, **facts
        )

    @rule(code=lots, quantity=st.integers(1, 5), back=BACK)
    def find(self, code: str, quantity: int, back: int) -> None:
        now, hour = self.model.lots[code], self.late(code, back)
        order = self.command("found", hour)
        facts = {"quantity": now.quantity + quantity} if now.state == "active" else {}
        self.act(
            code,
            lambda lot: record_bonus(lot=lot, quantity=quantity, command=order),
            hour,
            **facts,
        )

    @rule(target=lots, code=lots, quantity=st.integers(1, QUANTITY))
    def split(self, code: str, quantity: int) -> str:
        now, order = self.model.lots[code], self.command()
        child, selection = f"H{len(self.model.lots)}", Selection(quantity=quantity)
        may = now.state in {"active", "banked"} and not now.holds and quantity < now.quantity
        if may:
            self.model.bear(child, replace(now, quantity=quantity, holds=0), self.hours)
            self.plans[child] = set(self.plans.get(code, ()))
        facts = {"quantity": now.quantity - quantity} if may else {}
        self.act(
            code,
            lambda lot: split_lot(lot=lot, child_code=child, selection=selection, command=order),
            **facts,
        )
        return child if may else code

    @rule(
        target=lots,
        code=lots,
        quantity=st.integers(1, QUANTITY),
        until=st.integers(0, len(STEPS) - 1),
    )
    def send_ahead(self, code: str, quantity: int, until: int) -> str:
        """A pilot goes on, and the rest is held until it has shown something."""
        now, order = self.model.lots[code], self.command()
        child, selection = f"H{len(self.model.lots)}", Selection(quantity=quantity)
        may = now.state in {"active", "banked"} and not now.holds and quantity < now.quantity
        may = may and until > now.step
        if may:
            self.model.bear(child, replace(now, quantity=quantity), self.hours)
            self.plans[child] = set(self.plans.get(code, ()))
        self.act(
            code,
            lambda lot: send_ahead(
                lot=lot, child_code=child, selection=selection,
                until_step_code=STEPS[until], command=order,
            ),
            **(dict[str, Any](quantity=now.quantity - quantity) if may else {}),
        )  # fmt: skip
        if may:
            self.model.change(code, self.hours, holds=1)
            self.model.note()
            self.last.pop(code)
        return child if may else code

    @rule(target=lots, code=lots, quantity=st.integers(1, QUANTITY))
    def bin(self, code: str, quantity: int) -> str:
        now, child = self.model.lots[code], f"H{len(self.model.lots)}"
        order, left = self.command(self.lesser()), now.quantity - quantity
        may = now.state == "active" and not now.holds and left >= 0 and now.product != LESSER
        if may:
            part = replace(now, quantity=quantity, holds=0, product=LESSER)
            self.model.bear(child, part, self.hours)
            self.plans[child] = set(self.plans.get(code, ()))
        facts: dict[str, Any] = {"quantity": left} if may else {}
        facts |= {"state": "finished"} if may and not left else {}
        self.act(
            code,
            lambda lot: bin_down(
                lot=lot, child_code=child, product_code=LESSER,
                selection=Selection(quantity=quantity), command=order,
            ),
            **facts,
        )  # fmt: skip
        return child if may else code

    @rule(code=lots, other=lots)
    def merge(self, code: str, other: str) -> None:
        now, gone, order = self.model.lots[code], self.model.lots[other], self.command()
        alike = ("step", "version", "state", "custodian", "purpose", "product")
        may = code != other and all(getattr(now, name) == getattr(gone, name) for name in alike)
        may = may and now.state in {"active", "banked"}
        may = may and not (now.holds or gone.holds or now.is_tracked_in or gone.is_tracked_in)
        may = may and self.plans.get(other, set()) <= self.plans.get(code, set())
        if may:
            self.plans[other] = set()
            self.model.change(other, self.hours, quantity=0, state="finished")
            self.last.pop(other, None)
        facts = {"quantity": now.quantity + gone.quantity} if may else {}
        rest = [self.row(other)]
        self.act(code, lambda lot: merge_lots(into=lot, lots=rest, command=order), **facts)
