"""Groups of failures in the field that chance does not explain."""

from __future__ import annotations

import pytest

from racks.domain.clusters import Cluster, Factor, Group, Population, clusters, named


def group(factor: Factor, name: str, units: int, *failed: str) -> Group:
    return Group(factor, name, 1, units, frozenset(failed))


def found(*groups: Group, fails: int = 10, lots: int = 20) -> list[Cluster]:
    population = Population(10_000, fails, groups, {Factor.LOT: lots, Factor.WAFER: 500})
    return clusters(population, 0.001)


def test_a_lot_with_most_of_the_failures_is_a_cluster() -> None:
    (one,) = found(group(Factor.LOT, "L1", 400, "A", "B", "C", "D", "E"))
    assert one.group.name == "L1"
    assert one.expected == pytest.approx(0.4)
    assert one.p_adjusted == pytest.approx(20 * one.p_value)


def test_failures_as_many_as_units_are_no_cluster() -> None:
    assert found(group(Factor.LOT, "L1", 5000, "A", "B", "C", "D", "E")) == []


def test_the_same_failures_say_less_where_there_are_more_lots_to_look_at() -> None:
    suspect = group(Factor.LOT, "L1", 400, "A", "B", "C", "D", "E")
    assert len(found(suspect)) == 1
    assert found(suspect, lots=20_000) == []


def test_a_wafer_of_the_lot_is_told_with_it() -> None:
    lot = group(Factor.LOT, "L1", 400, "A", "B", "C", "D", "E")
    wafer = group(Factor.WAFER, "W1", 15, "A", "B", "C")
    (one,) = found(lot, wafer)
    assert named((one.group, *one.inside)) in {"lot L1, wafer W1", "wafer W1, lot L1"}


def test_groups_with_failures_of_their_own_are_causes_of_their_own() -> None:
    first = group(Factor.LOT, "L1", 300, "A", "B", "C", "D", "E")
    second = group(Factor.LOT, "L2", 300, "F", "G", "H", "I", "J")
    assert [one.group.name for one in found(first, second)] == ["L1", "L2"]


def test_a_kind_of_group_that_nobody_counted_is_a_family_of_one() -> None:
    (one,) = found(group(Factor.OVEN, "OVEN-1", 100, "A", "B", "C", "D"))
    assert one.p_adjusted == one.p_value
