"""Which tool explains a loss, without a database."""

from __future__ import annotations

from collections.abc import Mapping

from quality.domain.commonality import Basis, Factor, LotExposure, Tool, commonality
from quality.domain.dispersion import Count

T1, T2 = Tool(Factor.TESTER, "T1"), Tool(Factor.TESTER, "T2")
CARD, OTHER = Tool(Factor.PROBE_CARD, "C1"), Tool(Factor.PROBE_CARD, "C2")
SITE = Tool(Factor.SITE, "T1/1/3")
OVEN = Tool(Factor.OVEN, "O1")


def lot(number: int, tools: Mapping[Tool, tuple[int, int]], total: tuple[int, int]) -> LotExposure:
    counts = {tool: Count(*count) for tool, count in tools.items()}
    return LotExposure(f"L{number}", Count(*total), counts)


def split(number: int, first: int, second: int) -> LotExposure:
    """100 units on each of two testers, so many passed."""
    return lot(number, {T1: (first, 100), T2: (second, 100)}, (first + second, 200))


def whole(number: int, passed: int, *tools: Tool) -> LotExposure:
    return lot(number, dict.fromkeys(tools, (passed, 200)), (passed, 200))


def test_below_three_lots_it_is_inconclusive() -> None:
    found = commonality([split(1, 50, 95), split(2, 50, 95)])
    assert (found.suspects, found.reason) == ((), "inconclusive: 2 lots, 3 are needed")


def test_tool_on_two_lots_of_three_is_not_judged() -> None:
    found = commonality([whole(1, 190, T1), whole(2, 190, T1), whole(3, 150, T2)])
    assert found.reason == "inconclusive: no tool was on 3 lots"


def test_tester_worse_within_every_lot_is_named() -> None:
    found = commonality([split(number, 80, 95 + number % 2) for number in range(3)])
    first = found.suspects[0]
    assert (first.tool, first.basis, first.lots) == (T1, Basis.WITHIN, ("L0", "L1", "L2"))
    assert round(first.effect, 2) == -0.15
    assert round(first.units_lost) == 46


def test_tester_that_turned_bad_is_seen_on_its_newest_lots() -> None:
    good = [split(number, 95, 95) for number in range(12)]
    found = commonality([*good, *(split(number, 80, 95) for number in range(12, 15))])
    assert found.suspects[0].lots == ("L12", "L13", "L14")


def test_site_comes_before_the_tester_it_is_part_of() -> None:
    lots = [
        lot(number, {T1: (75, 100), T2: (95, 100), SITE: (5, 25)}, (170, 200))
        for number in range(3)
    ]
    first, second = commonality(lots).suspects[:2]
    assert (first.tool, second.tool) == (SITE, T1)
    assert first.confounders == ("tester T1: it is part of it",)


def test_tester_at_fault_is_named_before_its_worst_site() -> None:
    """The worst of four sites leads its tester in sigma, but not its sisters by much."""
    sites = {Tool(Factor.SITE, f"T1/1/{n}"): (20 if n == 1 else 23, 25) for n in range(1, 5)}
    lots = [lot(n, {T1: (89, 100), T2: (97, 100), **sites}, (186, 200)) for n in range(3)]
    ranked = [one.tool for one in commonality(lots).suspects]
    assert ranked == [T1, Tool(Factor.SITE, "T1/1/1")]


def test_lots_that_show_nothing_name_no_tool() -> None:
    found = commonality([split(number, 95 + number % 2, 95) for number in range(6)])
    assert (found.suspects, found.reason) == ((), "no tool stands out")


def test_tools_without_a_failure_are_not_judged() -> None:
    found = commonality([split(number, 100, 100) for number in range(3)])
    assert found.reason == "inconclusive: no tool was on 3 lots"


def test_whole_lots_are_compared_with_each_other_and_confounders_are_named() -> None:
    good = [whole(number, 188 + number % 5, T2, OTHER) for number in range(6)]
    found = commonality([*good, *(whole(number, 150, T1, CARD) for number in range(6, 9))])
    by_tool = {one.tool: one for one in found.suspects}
    assert by_tool[T1].basis is Basis.BETWEEN
    assert "date: all its lots are the newest" in by_tool[T1].confounders
    assert "probe card C1: on the same lots" in by_tool[T1].confounders
    assert Tool(Factor.TIME, "since L6") in by_tool


def test_three_lots_beside_a_single_other_are_not_compared() -> None:
    found = commonality([whole(0, 195, T2), *(whole(number, 150, T1) for number in range(1, 4))])
    assert found.suspects == ()


def test_lots_that_do_not_differ_at_all_give_no_scale() -> None:
    good = [whole(number, 190, T2) for number in range(6)]
    found = commonality([*good, *(whole(number, 150, T1) for number in range(6, 9))])
    assert T1 not in {one.tool for one in found.suspects}


def test_contrast_within_lots_comes_before_one_between_them() -> None:
    good = [split(number, 95 + number % 3, 95) for number in range(8)]
    found = commonality([*good, *(split(number, 70, 95) for number in range(8, 11))])
    assert [one.basis for one in found.suspects][:1] == [Basis.WITHIN]
    assert Basis.BETWEEN in {one.basis for one in found.suspects}


def test_few_units_on_a_tool_say_nothing() -> None:
    lots = [lot(number, {OVEN: (2, 9)}, (180, 200)) for number in range(3)]
    assert commonality(lots).suspects == ()


def test_tester_of_one_site_is_named_before_the_site() -> None:
    only = Tool(Factor.SITE, "T1/1/1")
    lots = [
        lot(number, {T1: (80, 100), only: (80, 100), T2: (95, 100)}, (175, 200))
        for number in range(3)
    ]
    assert [one.tool for one in commonality(lots).suspects[:2]] == [T1, only]
