from __future__ import annotations

from typing import Any

import pytest

from lots.models import RouteVersion, Supplier
from lots.selectors.comparing import (
    Difference,
    compare_routes,
    with_standing,
)
from lots.tests.making import wafer_lot
from lots.tests.routing import draft_version

pytestmark = pytest.mark.usefixtures("catalogue")

OLD: list[dict[str, object]] = [{"code": code} for code in ("S1", "S2", "S3", "S4")]


def differences(*steps: dict[str, object]) -> list[tuple[str, str, bool]]:
    before, after = draft_version("T", *OLD), draft_version("T", *steps)
    rows = compare_routes(before, after)
    return [(row.code, row.difference.value, row.is_moved) for row in rows]


def test_a_version_is_the_same_as_itself() -> None:
    version = RouteVersion.objects.get(route__code="A")
    rows = compare_routes(version, version)
    assert {row.difference for row in rows} == {Difference.SAME}
    assert [row.code for row in rows][:2] == ["START", "FAB"]


def test_what_changed_is_shown_with_both_values() -> None:
    tsmc = Supplier.objects.get(code="TSMC")
    changed = {"supplier": tsmc, "queue_hours_max": 12.5, "gate_mode": "stop", "days_max": 2.0}
    before = draft_version("T", {"code": "S1", "requires_results": True})
    after = draft_version("T", {"code": "S1", "requires_results": False, **changed})
    (row,) = compare_routes(before, after)
    assert {(cell.name, cell.before, cell.after) for cell in row.changes} == {
        ("Supplier", "—", "TSMC"),
        ("Days max", "0", "2"),
        ("Requires results", "Yes", "No"),
        ("Gate mode", "Flag", "Stop"),
        ("Queue hours max", "—", "12.5"),
    }


def test_added_and_removed_steps_stand_where_they_belong() -> None:
    assert differences({"code": "S1"}, {"code": "S3"}, {"code": "NEW"}, {"code": "S4"}) == [
        ("S1", "same", False),
        ("S2", "removed", False),
        ("S3", "same", False),
        ("NEW", "added", False),
        ("S4", "same", False),
    ]


def test_a_first_step_removed_stands_first() -> None:
    assert differences(*OLD[1:])[0] == ("S1", "removed", False)


def test_only_the_step_that_moved_has_moved() -> None:
    found = differences(*OLD[1:], OLD[0])
    assert [code for code, _, is_moved in found if is_moved] == ["S1"]


def test_versions_say_how_many_lots_are_on_them_and_what_came_before() -> None:
    wafer_lot()
    first = RouteVersion.objects.get(route__code="A")
    draft_version("A", {"code": "START"}, version=3)
    versions = with_standing(RouteVersion.objects.filter(route=first.route_id))
    standing: list[Any] = list(versions)
    assert {
        one.version: (one.lot_count, one.earlier_id, one.earlier_number) for one in standing
    } == {1: (1, None, None), 3: (0, first.pk, 1)}
