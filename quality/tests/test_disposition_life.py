from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.dispositions import (
    DispositionMoveError,
    DispositionOrder,
    HeldPart,
    RoleRule,
    Standing,
    answered_holds,
    changed_since,
    disposition_count,
    disposition_number,
    is_stopped,
    roles_needed,
    state_after,
)
from quality.domain.words import DispositionKind, DispositionState, DispositionStep
from supplychain.base.errors import MalformedError, RefusedError

ENDS = [DispositionState.CARRIED_OUT, DispositionState.REFUSED, DispositionState.WITHDRAWN]
SCRAP_RULES = [RoleRule(1), RoleRule(2, 100), RoleRule(2, 2, "wafer")]
THEN = Standing("A v1", "FT-HOT", "active", 24, "OSAT1")


def order(kind: str, **rest: Any) -> DispositionOrder:
    return DispositionOrder(DispositionKind(kind), "L1", rest.pop("reason", "why"), **rest)


def test_signed_disposition_is_carried_out() -> None:
    found = state_after(DispositionStep.CARRY_OUT, DispositionState.SIGNED, "D-000001")
    assert found == DispositionState.CARRIED_OUT


def test_proposed_disposition_is_not_carried_out() -> None:
    with pytest.raises(DispositionMoveError, match="D-000001 is proposed; to carry-out it"):
        state_after(DispositionStep.CARRY_OUT, DispositionState.PROPOSED, "D-000001")


@pytest.mark.parametrize("state", ENDS)
@pytest.mark.parametrize("step", list(DispositionStep))
def test_nothing_leads_on_from_an_end(state: DispositionState, step: DispositionStep) -> None:
    with pytest.raises(DispositionMoveError):
        state_after(step, state, "D-000001")


@pytest.mark.parametrize(
    ("quantity", "unit", "roles"),
    [
        (100, "package", (1,)),
        (101, "package", (1, 2)),
        (2, "wafer", (1,)),
        (3, "wafer", (1, 2)),
    ],
)
def test_roles_depend_on_how_much_is_given_up(
    quantity: int, unit: str, roles: tuple[int, ...]
) -> None:
    assert roles_needed(SCRAP_RULES, quantity, unit) == roles


def test_rule_for_the_unit_goes_first_in_any_order() -> None:
    assert roles_needed(SCRAP_RULES[::-1], 3, "wafer") == (2, 1)


def test_kind_names_what_it_needs() -> None:
    with pytest.raises(MalformedError, match="retest needs step"):
        order("retest")


def test_kind_takes_nothing_of_another_kind() -> None:
    with pytest.raises(MalformedError, match="scrap takes no to"):
        order("scrap", to="TSMC")


def test_proposal_needs_a_reason() -> None:
    with pytest.raises(MalformedError, match="Say why"):
        order("scrap", reason="  ")


def test_part_is_said_in_one_way() -> None:
    with pytest.raises(MalformedError, match="not both"):
        order("scrap", wafers=(1,), serials=("C1",))


def test_whole_lot_kinds_take_no_part() -> None:
    with pytest.raises(RefusedError, match="for a whole lot"):
        order("return-to-vendor", to="TSMC", wafers=(1,))


def test_details_are_what_the_kind_names() -> None:
    assert order("retest", step="CP1").details() == {"step": "CP1"}


def test_change_since_is_said_fact_by_fact() -> None:
    now = Standing("A v1", "BI", "active", 23, "OSAT1")
    assert changed_since(THEN, now) == ("step was FT-HOT, is BI", "quantity was 24, is 23")
    assert changed_since(THEN, THEN) == ()


@pytest.mark.parametrize(
    ("wafers", "holds", "stopped"),
    [
        ((), [], False),
        ((), [HeldPart(1)], True),
        ((), [HeldPart(1, frozenset({3}))], True),
        ((3,), [HeldPart(1)], True),
        ((3,), [HeldPart(1, frozenset({3, 4}))], True),
        ((3, 5), [HeldPart(1, frozenset({3, 4}))], False),
        ((3, 5), [HeldPart(1, frozenset({3})), HeldPart(2, frozenset({5}))], True),
    ],
)
def test_material_is_stopped_by_holds_on_all_of_it(
    wafers: tuple[int, ...], holds: list[HeldPart], stopped: bool
) -> None:
    assert is_stopped(wafers, (), holds) == stopped


def test_decision_on_the_lot_answers_every_hold() -> None:
    assert answered_holds((), (), [HeldPart(1), HeldPart(2, frozenset({3}))]) == (1, 2)


def test_decision_on_a_part_leaves_wider_holds() -> None:
    holds = [HeldPart(1), HeldPart(2, frozenset({3})), HeldPart(3, frozenset({3, 4}))]
    assert answered_holds((3,), (), holds) == (2,)
    units = [HeldPart(4, frozenset(), frozenset({"C1"}))]
    assert answered_holds((), ("C1", "C2"), units) == (4,)
    assert is_stopped((), ("C1", "C2"), units) is False


@given(st.integers(1, 999_999_999))
def test_number_of_a_disposition_is_read_back(count: int) -> None:
    assert disposition_count(disposition_number(count)) == count


@pytest.mark.parametrize("text", ["", "D-1", "d-000001", "Q-000001", "D-000001\n"])
def test_other_texts_are_no_disposition_numbers(text: str) -> None:
    assert disposition_count(text) is None
