from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lots.domain.commands import HoldOrder, Selection
from lots.domain.orders import (
    AmendOrder,
    FutureActionOrder,
    Loss,
    SplitWish,
    TrackOutOrder,
    action_wish,
)
from lots.domain.words import (
    HoldClass,
    HoldScope,
    LineKind,
    LotPurpose,
    Trigger,
    Verb,
)
from supplychain.base.errors import MalformedError

ONE = Selection(quantity=1)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"reason": " "}, "Every loss needs a reason"),
        ({"reason": "x" * 65}, "longer than 64"),
        ({"kind": LineKind.REJECT}, "kind scrap or loss"),
    ],
)
def test_loss_says_why_and_how(rest: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        Loss(**{"reason": "dropped", "selection": ONE, **rest})


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"losses": (Loss("dropped", ONE),) * 21}, "at most 20"),
        ({"bonus": -1}, "bonus must be"),
        ({"losses": (Loss("dropped", Selection(serials=("A",))),) * 2}, "A is named twice"),
        ({"losses": (Loss("dropped", Selection(wafers=(3,))),) * 2}, "3 is named twice"),
    ],
)
def test_track_out_names_each_thing_once(rest: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        TrackOutOrder(**rest)


def test_amendment_names_something() -> None:
    with pytest.raises(MalformedError, match="Name what to change"):
        AmendOrder()


def test_day_is_changed_or_taken_away() -> None:
    day = date(2026, 3, 1)
    assert AmendOrder(due_on=day).wanted() == {"due_on": day}
    assert AmendOrder(due_on="", purpose=LotPurpose.RISK).wanted() == {
        "due_on": None, "purpose": LotPurpose.RISK,
    }  # fmt: skip


ACTION: dict[str, Any] = {
    "trigger": Trigger.ARRIVES,
    "verb": Verb.HOLD,
    "reason": "look",
    "lot_code": "N1",
    "step_code": "SFT",
}


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"reason": ""}, "needs a reason"),
        ({"product_code": "NSW-1"}, "a lot or a product"),
        ({"lot_code": ""}, "a lot or a product"),
        ({"verb": Verb.SHIP}, "hold, bank, split; ship cannot"),
        ({"step_code": ""}, "needs a step and no on_verb"),
        ({"on_verb": Verb.MOVE}, "needs a step and no on_verb"),
        ({"trigger": Trigger.EVENT}, "needs on_verb and no step"),
        ({"trigger": Trigger.EVENT, "on_verb": Verb.MOVE}, "needs on_verb and no step"),
        ({"order": {"colour": "red"}}, "takes no colour"),
        ({"order": {"hold_class": "whim"}}, "'whim' is not a valid HoldClass"),
        ({"order": {"due_on": "soon"}}, "soon"),
        ({"verb": Verb.BANK, "order": {"quantity": 1}}, "takes no quantity"),
        ({"verb": Verb.SPLIT}, "exactly one"),
        ({"verb": Verb.SPLIT, "order": {"quantity": "many"}}, "no whole number"),
        ({"verb": Verb.SPLIT, "order": {"quantity": True}}, "no whole number"),
        ({"order": {"releasing_role": "Quality"}}, "releasing_role is no whole number"),
        ({"verb": Verb.SPLIT, "order": {"wafers": "1-5"}}, "wafers is no list"),
    ],
)
def test_half_a_plan_is_refused(rest: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        FutureActionOrder(**{**ACTION, **rest})


def test_plan_may_wait_for_an_event() -> None:
    rest = {"trigger": Trigger.EVENT, "on_verb": Verb.MOVE, "step_code": ""}
    assert FutureActionOrder(**{**ACTION, **rest}).on_verb is Verb.MOVE


def test_plan_becomes_the_order_of_its_verb() -> None:
    order = {"hold_class": "quality", "due_on": "2026-03-01", "releasing_role": 4}
    assert action_wish(Verb.HOLD, order, "look", 7) == HoldOrder(
        HoldClass.QUALITY, "look", owner_id=7, due_on=date(2026, 3, 1), releasing_role_id=4
    )
    assert action_wish(Verb.BANK, {}, "look") is None
    assert action_wish(Verb.SPLIT, {"wafers": [1, 2], "child": "C"}, "look") == SplitWish(
        "C", Selection(wafers=(1, 2))
    )


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ({"wafers": (1,)}, "scope lot takes no wafers"),
        ({"scope": HoldScope.WAFER}, "scope wafer needs wafers"),
        ({"scope": HoldScope.UNIT, "wafers": (1,)}, "scope unit takes no wafers"),
        ({"scope": HoldScope.UNIT}, "scope unit needs serials"),
        ({"scope": HoldScope.BIN, "serials": ("A",)}, "scope bin needs bin_number"),
        ({"scope": HoldScope.BIN, "serials": ("A",), "bin_number": -1}, "from 0 to 65,535"),
        ({"scope": HoldScope.UNIT, "serials": ("A", "A")}, "A is named twice"),
        ({"scope": HoldScope.UNIT, "serials": (" A",)}, "no serial"),
    ],
)
def test_hold_names_what_its_scope_says(rest: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        HoldOrder(HoldClass.QUALITY, "look", **rest)


def test_hold_on_a_bin_is_whole() -> None:
    order = HoldOrder(HoldClass.QUALITY, "look", scope=HoldScope.BIN, serials=("A",), bin_number=7)
    assert order.bin_number == 7


def test_track_out_may_lose_different_things() -> None:
    losses = (Loss("dropped", Selection(wafers=(1,))), Loss("dropped", Selection(wafers=(2,))))
    assert TrackOutOrder(losses=losses).bonus == 0
