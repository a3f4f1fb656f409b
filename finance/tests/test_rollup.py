"""Costs rolled up by hand from wafer to sled, without a database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.assumptions import Assumption
from finance.domain.cost_table import Cost
from finance.domain.errors import RollUpError
from finance.domain.money import rounded
from finance.domain.rollup import BuildUp, roll_up
from finance.domain.words import AssumptionKind as Kind

STAGES = ["wafer", "sorted-wafer", "good-die", "package", "received", "chip", "sled", "component"]


def row(line: int, kind: Kind, item: str, stage: str, value: str, **more: str) -> Assumption:
    return Assumption(line, kind, item, stage, Decimal(value), **more)


ROWS = [
    row(2, Kind.PURCHASE, "DIE", "wafer", "19500"),
    row(3, Kind.CONVERSION, "DIE", "sorted-wafer", "1000", supplier="OSAT1"),
    row(4, Kind.CONVERSION, "DIE", "sorted-wafer", "500", supplier="OSAT2"),
    row(5, Kind.GROSS_DIES, "DIE", "good-die", "60"),
    row(6, Kind.YIELD, "DIE", "good-die", "0.5"),
    row(7, Kind.CONVERSION, "DIE", "good-die", "10"),
    row(8, Kind.PART, "HBM", "component", "300"),
    row(9, Kind.COMPONENT, "CHIP", "package", "2", component="DIE"),
    row(10, Kind.COMPONENT, "CHIP", "package", "4", component="HBM"),
    row(11, Kind.CONVERSION, "CHIP", "package", "400"),
    row(12, Kind.YIELD, "CHIP", "package", "0.8"),
    row(13, Kind.CONVERSION, "CHIP", "chip", "50"),
    row(14, Kind.COMPONENT, "SLED", "sled", "2", component="CHIP"),
    row(15, Kind.CONVERSION, "SLED", "sled", "100"),
]


def without(*lines: int) -> list[Assumption]:
    return [one for one in ROWS if one.line not in lines]


def valued(line: int, value: str) -> list[Assumption]:
    return [replace(one, value=Decimal(value)) if one.line == line else one for one in ROWS]


def built(*parts: str) -> BuildUp:
    return BuildUp(*(Decimal(part) for part in parts))


def test_from_wafer_to_sled_as_worked_by_hand() -> None:
    costs = roll_up(ROWS, STAGES)
    assert {key: one.unit_cost for key, one in costs.items()} == {
        ("DIE", "wafer", ""): 19500,
        ("DIE", "sorted-wafer", ""): 21000,
        ("DIE", "good-die", ""): 720,  # (21000 / 60 + 10) / 0.5
        ("HBM", "component", ""): 300,
        ("CHIP", "package", ""): 3800,  # (2 x 720 + 4 x 300 + 400) / 0.8
        ("CHIP", "chip", ""): 3850,
        ("SLED", "sled", ""): 7800,  # 2 x 3850 + 100
    }


def test_each_cost_tells_what_it_is_built_of() -> None:
    costs = roll_up(ROWS, STAGES)
    assert costs["DIE", "good-die", ""].build_up == built("325", "360", "35", "0")
    assert costs["CHIP", "package", ""].build_up == built("650", "1480", "470", "1200")
    assert costs["SLED", "sled", ""].build_up == built("1300", "2960", "1140", "2400")


def test_a_yield_is_told_where_units_are_born_and_where_they_are_lost_later() -> None:
    tested = row(16, Kind.YIELD, "CHIP", "chip", "0.5")
    costs = roll_up([*ROWS, tested], STAGES)
    assert costs["CHIP", "package", ""].standard == Cost(Decimal(3800), Decimal("0.8"))
    assert costs["CHIP", "chip", ""].standard == Cost(Decimal(7700), Decimal("0.5"))


def test_a_finished_good_that_is_bought_is_material() -> None:
    rows = [
        row(1, Kind.PURCHASE, "SW", "received", "8600"),
        row(2, Kind.CONVERSION, "SW", "chip", "400"),
    ]
    assert roll_up(rows, STAGES)["SW", "chip", ""].build_up == built("8600", "0", "400", "0")


SECOND = row(16, Kind.PURCHASE, "DIE", "wafer", "22500", supplier="FAB2")


def test_prices_of_several_suppliers_give_each_its_costs_beside_those_of_all_others() -> None:
    costs = roll_up([*ROWS, SECOND], STAGES)
    assert {key[1]: one.unit_cost for key, one in costs.items() if key[2] == "FAB2"} == {
        "wafer": 22500,
        "sorted-wafer": 24000,
        "good-die": 820,  # (24000 / 60 + 10) / 0.5
    }
    assert {key: one for key, one in costs.items() if not key[2]} == roll_up(ROWS, STAGES)
    assert costs["DIE", "good-die", "FAB2"].supplier == "FAB2"


def test_the_only_price_is_that_of_all_whoever_it_names() -> None:
    rows = [replace(one, supplier="FAB2") if one.line == 2 else one for one in ROWS]
    found, told = roll_up(rows, STAGES), roll_up(ROWS, STAGES)
    assert found == told


def test_what_dividing_leaves_stays_with_the_largest_part() -> None:
    rows = [
        row(1, Kind.PURCHASE, "DIE", "wafer", "10"),
        row(2, Kind.CONVERSION, "DIE", "wafer", "10"),
        row(3, Kind.GROSS_DIES, "DIE", "good-die", "3"),
    ]
    cost = roll_up(rows, STAGES)["DIE", "good-die", ""]
    assert cost.build_up == built("3.333334", "0", "3.333333", "0")
    assert cost.unit_cost == Decimal("6.666667")


@pytest.mark.parametrize(("price", "cost"), [("0.000001", "0"), ("0.000003", "0.000002")])
def test_halves_are_rounded_to_even(price: str, cost: str) -> None:
    rows = [
        row(1, Kind.PURCHASE, "DIE", "wafer", price),
        row(2, Kind.YIELD, "DIE", "wafer", "1"),
        row(3, Kind.GROSS_DIES, "DIE", "good-die", "2"),
    ]
    assert roll_up(rows, STAGES)["DIE", "good-die", ""].unit_cost == Decimal(cost)


@given(
    st.decimals("0", "99999", places=6),
    st.integers(1, 900),
    st.decimals("0.000001", "1", places=6),
    st.decimals("0", "999", places=6),
)
def test_a_cost_is_what_good_units_bear(
    price: Decimal, gross: int, ratio: Decimal, work: Decimal
) -> None:
    rows = [
        row(1, Kind.PURCHASE, "DIE", "wafer", str(price)),
        row(2, Kind.GROSS_DIES, "DIE", "good-die", str(gross)),
        row(3, Kind.YIELD, "DIE", "good-die", str(ratio)),
        row(4, Kind.CONVERSION, "DIE", "good-die", str(work)),
    ]
    cost = roll_up(rows, STAGES)["DIE", "good-die", ""]
    assert cost.unit_cost == rounded((rounded(price / gross) + work) / ratio)
    assert cost.build_up.yield_loss >= 0


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        (valued(6, "0"), 6, "A yield must be more than 0"),
        (valued(6, "1.000001"), 6, "at most 1"),
        (valued(5, "60.5"), 5, "a whole number"),
        (valued(2, "-1"), 2, "0 or more"),
        (valued(2, "99999999999999"), 3, "more than a cost can be"),
        (without(8), 10, "HBM has no price"),
        (without(2, 3, 4), 5, "DIE has no wafer before that stage"),
        (without(9, 10), 11, "CHIP has no price and no bill"),
        ([*ROWS, row(16, Kind.PURCHASE, "HBM", "component", "1")], 16, "on line 8 already"),
        ([*ROWS, replace(SECOND, supplier="")], 16, "on line 2 already"),
        ([*without(2), SECOND, replace(SECOND, supplier="FAB3")], 16, "none for lots of all other"),
        ([*ROWS, row(16, Kind.PURCHASE, "CHIP", "package", "1")], 9, "both a price and a bill"),
        ([*ROWS, row(16, Kind.PURCHASE, "CHIP", "chip", "1")], 16, "at a stage before already"),
        (
            [*ROWS, row(16, Kind.COMPONENT, "CHIP", "package", "1", component="SLED")],
            14,
            "come back to themselves: CHIP → SLED → CHIP",
        ),
    ],
)
def test_what_gives_no_cost_is_refused_by_its_line(
    rows: list[Assumption], line: int, why: str
) -> None:
    with pytest.raises(RollUpError, match=why) as refused:
        roll_up(rows, STAGES)
    assert refused.value.fields == {"line": line}
    assert refused.value.detail.startswith(f"Line {line}, ")
