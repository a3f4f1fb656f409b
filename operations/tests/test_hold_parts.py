"""A hold on a part of a lot says which part, wherever it is shown; a planned one is shown, too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.domain.commands import HoldOrder
from lots.domain.orders import FutureActionOrder
from lots.domain.words import HoldClass, HoldScope, Trigger, Verb
from lots.models import FutureAction, Hold, Lot
from lots.services import hold_lot, plan_action
from operations.selectors.planned import planned_for
from operations.tests.line import Line, command
from operations.tests.test_lot_acts import hidden

pytestmark = pytest.mark.django_db
WAFERS = "wafers 1-3, 7"


def held(code: str, **part: object) -> Hold:
    order = HoldOrder(HoldClass.QUALITY, "scratches", **part)  # type: ignore[arg-type]
    event = hold_lot(lot=Lot.objects.get(code=code), order=order, command=command(1))
    return Hold.objects.get(placed_by=event)


@pytest.fixture
def wafers_held(line: Line) -> Hold:
    return held("W7Q3", scope=HoldScope.WAFER, wafers=(1, 2, 3, 7))


def test_the_preview_of_a_hold_names_the_wafers(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    answers = {
        **hidden("W7Q3"), "hold_class": "quality", "hold_reason": "scratches", "scope": "wafer",
        "wafers": "1-3, 7", "go": "try",
    }  # fmt: skip
    text = as_role("Quality").post("/lots/W7Q3/do/hold", answers).content.decode()
    assert f"scratches ({WAFERS})" in text


@pytest.mark.parametrize(
    "address", ["/lots/W7Q3", "/holds", "/lots/W7Q3/do/release", "/lots/W7Q3/traveller"]
)
def test_every_page_of_a_hold_names_its_wafers(
    wafers_held: Hold, as_role: Callable[[str], Client], address: str
) -> None:
    assert WAFERS in as_role("Quality").get(address).content.decode()


def test_the_board_s_act_names_them_too(
    wafers_held: Hold, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Quality").get("/holds/do/release", {"pick": wafers_held.pk})
    assert WAFERS in answer.content.decode()


def test_the_page_of_a_wafer_says_that_it_is_held(
    wafers_held: Hold, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    stopped, free = (wafers_held.lot.wafers.get(number=number).code for number in (7, 8))
    text = client.get(f"/wafers/{stopped}").content.decode()
    assert "scratches" in text
    assert "This wafer." in text
    assert "scratches" not in client.get(f"/wafers/{free}").content.decode()


def test_a_wafer_is_held_with_its_lot_and_by_its_dies(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Test engineer")
    wafer = Lot.objects.get(code="W7Q2").wafers.first()
    assert wafer is not None
    assert "With its whole lot." in client.get(f"/wafers/{wafer.code}").content.decode()
    die = line.wafer_lot.units.filter(wafer__isnull=False).order_by("id").first()
    assert die is not None
    assert die.wafer is not None
    held("W7Q1", scope=HoldScope.UNIT, serials=(die.serial,))
    assert "1 of its dies." in client.get(f"/wafers/{die.wafer.code}").content.decode()
    assert f"unit {die.serial}" in client.get("/lots/W7Q1").content.decode()


def plan(lot: str = "", product: str = "", step: str = "CP2", reason: str = "look") -> FutureAction:
    order = FutureActionOrder(
        trigger=Trigger.ARRIVES, verb=Verb.HOLD, reason=reason, lot_code=lot,
        product_code=product, route_code="A" if product else "", step_code=step,
        order={"hold_class": "quality", "wafers": [1, 2], "due_on": "2030-01-02"},
    )  # fmt: skip
    somebody = User.objects.get(username="quality")
    return plan_action(order=order, actor=somebody, command=command(1))


def test_a_planned_hold_stands_on_the_lot_s_page_with_its_cancel(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    action = plan(lot="W7Q3", reason="edge suspect")
    text = client.get("/lots/W7Q3").content.decode()
    for word in ("Hold of wafers 1, 2 when it arrives at CP2", "edge suspect", "by quality",
                 "decision due 2030-01-02"):  # fmt: skip
        assert word in text
    cancel = f"/lots/W7Q3/do/unplan?action={action.pk}"
    assert f'href="{cancel}"' in text
    assert f'value="{action.pk}" selected' in client.get(cancel).content.decode()


def test_a_product_s_plan_counts_for_lots_before_its_step(
    line: Line, person: Callable[[str], User]
) -> None:
    person("Quality")
    plan(product="TRN3-DIE")
    ahead = planned_for(Lot.objects.get(code="W7Q3"))
    assert [one.is_own for one in ahead] == [False]
    assert planned_for(Lot.objects.get(code="W7Q1")) == [], "it is past CP2"


def test_a_cancelled_plan_is_gone(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    action = plan(lot="W7Q3", reason="edge suspect")
    answers = {**hidden("W7Q3"), "action": action.pk, "comment": "", "go": "do"}
    assert client.post("/lots/W7Q3/do/unplan", answers).status_code == 302
    assert "edge suspect" not in client.get("/lots/W7Q3").content.decode()
