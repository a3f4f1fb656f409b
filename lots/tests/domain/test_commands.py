from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lots.domain.bins import named_bins
from lots.domain.commands import (
    MATERIALS_MAX,
    AssemblyOrder,
    Build,
    Command,
    Declaration,
    DieOrder,
    HoldOrder,
    LotOrder,
    Material,
    Part,
    Selection,
)
from lots.domain.words import BinKind, HoldClass, LotKind, Source, UnitOfMeasure
from supplychain.base.errors import MalformedError

NOW = datetime(2025, 3, 1, tzinfo=UTC)


def lot_order(**rest: Any) -> LotOrder:
    given = {"code": "N1", "quantity": 1, **rest}
    return LotOrder(
        kind=LotKind.PART,
        product_code="TRN2",
        route_code="B",
        step_code="RCV",
        custodian_code="MRVL",
        unit_of_measure=UnitOfMeasure.PACKAGE,
        **given,
    )


def assembly(*builds: Build) -> AssemblyOrder:
    return AssemblyOrder("P1", "TRN3", "A", "COWOS", "OSAT1", builds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"op_key": " "},
        {"op_key": "k" * 201},
        {"op_key": "null\0"},
        {"op_key": "half \ud800 pair"},
        {"occurred_at": NOW.replace(tzinfo=None)},
        {"occurred_at": NOW.replace(year=1989)},
        {"occurred_at": NOW.replace(year=2191)},
        {"reason": "r" * 65},
        {"comment": "c" * 10_001},
    ],
)
def test_malformed_command_is_refused(wrong: dict[str, Any]) -> None:
    given = {"op_key": "k", "occurred_at": NOW, **wrong}
    with pytest.raises(MalformedError):
        Command(source=Source.PERSON, **given)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"code": ""}, "no code"),
        ({"code": " N1"}, "no code"),
        ({"code": "N" * 65}, "longer than 64"),
        ({"quantity": -1}, "from 0 to 10,000,000"),
        ({"quantity": 10_000_001}, "from 0 to 10,000,000"),
        ({"wafers": (0,)}, "numbered 1 to 99"),
        ({"wafers": (100,)}, "numbered 1 to 99"),
        ({"wafers": (1, 1)}, "named twice"),
        ({"wafer_codes": ("A ",)}, "no code"),
        ({"serials": ("S1", "S1")}, "S1 is named twice"),
        ({"serials": ("",)}, "no serial"),
        ({"serials": ("S" * 81,)}, "longer than 80"),
        ({"customer": "c" * 121}, "longer than 120"),
    ],
)
def test_malformed_lot_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        lot_order(**wrong)


def test_origin_is_declared_once_a_serial() -> None:
    with pytest.raises(MalformedError, match="S1 is named twice"):
        lot_order(declarations=(Declaration("S1", "A"), Declaration("S1", "B")))


@pytest.mark.parametrize(
    "ways",
    [
        {},
        {"quantity": 1, "wafers": (1,)},
        {"wafers": (1,), "serials": ("S1",)},
        {"serials": ("S1",), "bins": named_bins("3")},
    ],
)
def test_selection_says_one_thing(ways: dict[str, Any]) -> None:
    with pytest.raises(MalformedError, match="exactly one"):
        Selection(**ways)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"quantity": 0}, "1 or more"),
        ({"wafers": (3, 3)}, "3 is named twice"),
        ({"serials": ("S1", "S1")}, "S1 is named twice"),
    ],
)
def test_malformed_selection_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError, match=message):
        Selection(**wrong)


def test_a_selection_tells_bins_only_where_it_names_them() -> None:
    assert Selection(quantity=2).told() == {"quantity": 2, "wafers": (), "serials": ()}
    told = Selection(bins=named_bins("5-7, 3", BinKind.SOFT)).told()
    assert (told["bins"], told["bin_kind"]) == ("3, 5-7", "soft")


@pytest.mark.parametrize("reason", ["", " ", "r" * 201])
def test_hold_has_a_reason_of_bounded_length(reason: str) -> None:
    with pytest.raises(MalformedError):
        HoldOrder(HoldClass.QUALITY, reason)


def test_nothing_is_no_assembly() -> None:
    with pytest.raises(MalformedError, match="Nothing was built"):
        assembly()


def test_one_position_takes_one_part() -> None:
    with pytest.raises(MalformedError, match="D0 is named twice"):
        Build("P", (Part("S1", "D0"), Part("S2", "D0")))


def test_one_part_goes_into_one_build() -> None:
    with pytest.raises(MalformedError, match="parts: S1 is named twice"):
        assembly(Build("P0", (Part("S1", "D0"),)), Build("P1", (Part("S1", "D0"),)))


def test_one_serial_is_built_once() -> None:
    with pytest.raises(MalformedError, match="serials: P0 is named twice"):
        assembly(Build("P0", ()), Build("P0", ()))


def test_part_needs_a_position() -> None:
    with pytest.raises(MalformedError, match="Part S1 needs a position"):
        Part("S1", " ")


@pytest.mark.parametrize("place", [(10_001, 0), (0, -10_001)])
def test_a_die_beyond_any_wafer_is_refused(place: tuple[int, int]) -> None:
    with pytest.raises(MalformedError, match="on no wafer"):
        DieOrder(1, *place, is_good=True)


def test_an_assembly_names_a_lot_of_material_once_and_not_too_many() -> None:
    build = Build("P1-0", (Part("D0", "D0"),))
    many = tuple(Material(f"HBM-{number}", 1) for number in range(MATERIALS_MAX + 1))
    for materials in (many, (many[0], many[0])):
        with pytest.raises(MalformedError) as refused:
            replace(assembly(build), materials=materials)
        assert "material" in refused.value.detail
