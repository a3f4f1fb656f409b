"""Tools that cost yield: told from other tools, single sites and ordinary differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np
import pytest
from scipy.stats import norm, t

from quality.domain.dispersion import Count
from quality.domain.equipment import ToolsJudged, tool_losses
from quality.domain.exposure import Factor, LotExposure, Tool

PAIRS = (("T1", "T2"), ("T3", "T4"), ("T2", "T4"), ("T1", "T3"), ("T2", "T3"), ("T1", "T4"))
EFFECT_MIN = 0.02


def lot(name: str, *counts: tuple[Factor, str, int, int]) -> LotExposure:
    """counts: factor, tool, units passed, units."""
    tools = {Tool(factor, tool): Count(passed, units) for factor, tool, passed, units in counts}
    return LotExposure(name, Count(0, 1), tools)


def split(name: str, *testers: tuple[str, int], units: int = 100) -> LotExposure:
    """A lot with so many units on each tester, of which so many passed."""
    return lot(name, *((Factor.TESTER, tester, passed, units) for tester, passed in testers))


def ordinary(
    count: int, pairs: Sequence[tuple[str, str]] = PAIRS, seed: int = 1
) -> list[LotExposure]:
    """Lots on two testers each, all at 90 %, that differ by chance alone."""
    random = np.random.default_rng(seed)
    return [
        split(f"L{number:03d}", *((tester, int(random.binomial(100, 0.9))) for tester in pair))
        for number, pair in enumerate(islice(cycle(pairs), count))
    ]


def judged(lots: Sequence[LotExposure]) -> ToolsJudged:
    return tool_losses(lots, effect_min=EFFECT_MIN)


def test_a_tester_worse_than_those_beside_it_is_named_with_what_it_cost() -> None:
    bad = [
        split(f"B{number}", ("T1", 75), (other, 90))
        for number, other in enumerate(("T2", "T3", "T4"))
    ]
    found = judged([*ordinary(24, (("T3", "T4"),)), *bad])
    (loss,) = found.losses
    assert loss.tool == Tool(Factor.TESTER, "T1")
    assert [row.lot for row in loss.lots] == ["B0", "B1", "B2"]
    assert (loss.ratio, loss.others, loss.effect) == pytest.approx((0.75, 0.9, -0.15))
    assert loss.units == 300
    assert loss.units_lost == pytest.approx(45)
    assert loss.p_value < 1e-3


def test_p_value_is_that_of_the_clearest_times_all_that_was_tried() -> None:
    """Both testers over 3 lots and over 6; by hand: t of the mean gap of angles, or by units."""
    bad = [split(f"B{number}", ("T1", 75), ("T2", 90)) for number in range(3)]
    found = judged([*ordinary(8, (("T3", "T4"),), seed=3), *ordinary(9, seed=4), *bad])
    (loss,) = found.losses
    chance = 2 / 402
    gap = math.asin(math.sqrt(90.375 / 100.75)) - math.asin(math.sqrt(75.375 / 100.75))
    beyond = (loss.dispersion - 1) * chance
    student = t.sf(gap / math.sqrt((beyond + chance) / 3), 13)
    by_units = norm.sf(22 / math.sqrt(3 * 165 * 35 / (4 * 199)))
    assert found.tried == 4
    assert student > by_units
    assert loss.p_value == pytest.approx(4 * student)


def test_few_fails_are_judged_by_units() -> None:
    """One failed die of thirty beside thousands is nothing, however even the others are."""
    rows = [(99, 100), (100, 100), (100, 100)]
    bad = [
        lot(f"B{n}", (Factor.TESTER, "T1", ok, units), (Factor.TESTER, "T2", 9990, 10_000))
        for n, (ok, units) in enumerate(rows)
    ]
    assert judged([*ordinary(12, (("T3", "T4"),)), *bad]) == ToolsJudged(1, ())


def spread_lots(count: int, units: int, sigma: float, seed: int) -> list[LotExposure]:
    """Ordinary lots whose testers differ for real, by a sigma of the pass ratio, lot by lot."""
    random = np.random.default_rng(seed)
    return [
        split(
            f"S{number}",
            *((one, int(random.binomial(units, 0.85 + random.normal(0, sigma)))) for one in pair),
            units=units,
        )
        for number, pair in enumerate(islice(cycle(PAIRS), count))
    ]


@pytest.mark.parametrize(
    ("history", "units", "later"),
    [(12, 1000, 1000), (30, 1000, 1000), (30, 50, 1000), (30, 1000, 100)],
    ids=["short", "long", "larger lots", "smaller lots"],
)
def test_testers_that_differ_for_real_seldom_reach_the_bound(
    history: int, units: int, later: int
) -> None:
    reached = 0
    for seed in range(300):
        before = spread_lots(history, units, 0.03, seed)
        newest = spread_lots(3, later, 0.03, 1000 + seed)
        newest = [
            split("N", ("T1", one.tools[a].passed), ("T2", one.tools[b].passed), units=later)
            for one in newest
            for a, b in [tuple(one.tools)]
        ]
        reached += any(loss.p_value <= 0.001 for loss in judged([*before, *newest]).losses)
    assert reached <= 2


def test_ordinary_lots_reach_a_thousandth_no_more_often_than_that() -> None:
    lots = ordinary(1200, seed=11)
    values = [
        loss.p_value
        for last in range(60, len(lots))
        for loss in judged(lots[last - 60 : last + 1]).losses
    ]
    assert sum(value <= 0.01 for value in values) <= 0.01 * 1140
    assert sum(value <= 0.001 for value in values) <= 1


def test_without_enough_lots_to_say_how_tools_differ_nothing_is_tried() -> None:
    bad = [split(f"B{number}", ("T1", 60), ("T2", 95)) for number in range(3)]
    assert judged([*ordinary(5, (("T3", "T4"),)), *bad]) == ToolsJudged(0, ())


def test_a_tool_that_was_mended_is_told_no_more() -> None:
    bad = [split(f"B{number}", ("T1", 70), ("T2", 90)) for number in range(5)]
    well = split("M", ("T1", 90), ("T2", 90))
    before = ordinary(12, (("T3", "T4"),))
    assert [loss.tool.name for loss in judged([*before, *bad]).losses] == ["T1"]
    assert judged([*before, *bad, well]).losses == ()
    again = split("B9", ("T1", 70), ("T2", 90))
    assert [loss.tool.name for loss in judged([*before, *bad, well, again]).losses] == ["T1"]


def test_too_few_units_say_nothing() -> None:
    few = [split(f"B{number}", ("T1", 2), ("T2", 9), units=9) for number in range(3)]
    assert judged([*ordinary(12, (("T3", "T4"),)), *few]).tried == 0


def test_testers_that_always_differ_alike_are_judged_by_how_much_that_changes() -> None:
    """T1 and T2 are on every lot: what stays is a loss, though nothing else is there to compare."""
    lots = [split(f"L{number}", ("T1", 75 + number % 3), ("T2", 90)) for number in range(14)]
    (loss,) = judged(lots).losses
    assert loss.tool.name == "T1"
    assert len(loss.lots) == 12


def test_testers_that_differ_widely_on_ordinary_lots_need_more() -> None:
    wild = [
        split(f"L{number}", ("T3", 98 if number % 2 else 80), ("T4", 80 if number % 2 else 98))
        for number in range(10)
    ]
    bad = [split(f"B{number}", ("T1", 75), ("T2", 92)) for number in range(3)]
    alike = ordinary(10, (("T3", "T4"),))
    assert [loss.tool.name for loss in judged([*alike, *bad]).losses] == ["T1"]
    found = judged([*wild, *bad])
    assert found.tried == 2
    assert found.losses == ()


def test_a_small_loss_is_left_alone() -> None:
    slight = [split(f"B{number}", ("T1", 8900), ("T2", 9000), units=10_000) for number in range(3)]
    found = judged([*ordinary(12, (("T3", "T4"),)), *slight])
    assert (found.tried, found.losses) == (2, ())


def test_lots_on_which_every_unit_passed_tell_nothing() -> None:
    clean = [split(f"B{number}", ("T1", 100), ("T2", 100)) for number in range(3)]
    assert judged([*ordinary(12, (("T3", "T4"),)), *clean]).losses == ()


def test_lots_wholly_on_one_tool_say_nothing_of_it() -> None:
    """Their date and material would be as good a cause."""
    lots = [
        split(f"W{number}", (f"T{number % 3 + 1}", 60 if number % 3 else 90))
        for number in range(30)
    ]
    assert judged(lots) == ToolsJudged(0, ())


def with_sites(name: str, first: Sequence[int], second: Sequence[int]) -> LotExposure:
    """T1 and T2 with so many sites, 50 units each, of which so many passed."""
    sites = [
        (Factor.SITE, f"{tester}/1/{place}", passed, 50)
        for tester, row in (("T1", first), ("T2", second))
        for place, passed in enumerate(row, 1)
    ]
    testers = [
        (Factor.TESTER, tester, sum(row), 50 * len(row))
        for tester, row in (("T1", first), ("T2", second))
    ]
    return lot(name, *testers, *sites)


GOOD = (45, 45, 45, 45)


@pytest.mark.parametrize(
    ("bad", "named"),
    [((15, 45, 45, 45), []), ((37, 37, 37, 37), ["T1"]), ((37,), ["T1"])],
    ids=["one site", "all sites", "only site"],
)
def test_a_tester_takes_the_blame_for_no_single_site(
    bad: tuple[int, ...], named: list[str]
) -> None:
    lots = [with_sites(f"B{number}", bad, GOOD) for number in range(3)]
    found = judged([*ordinary(12, (("T3", "T4"),)), *lots])
    assert [loss.tool.name for loss in found.losses] == named


def test_a_lot_that_came_twice_is_told_apart() -> None:
    """As when its route was changed between two visits to the step."""
    lots = [with_sites("B", (passed,) * 2, GOOD) for passed in (10, 35, 35)]
    found = judged([*ordinary(12, (("T3", "T4"),)), *lots])
    assert [loss.tool.name for loss in found.losses] == ["T1"]


def test_a_site_may_be_missing_from_some_lots() -> None:
    lots = [with_sites(f"B{number}", (35,) * (2 + number), GOOD) for number in range(3)]
    found = judged([*ordinary(12, (("T3", "T4"),)), *lots])
    assert [loss.tool.name for loss in found.losses] == ["T1"]


BOARDS = (("LB-1", "T1"), ("LB-2", "T2"))


def with_boards(lots: Sequence[LotExposure]) -> list[LotExposure]:
    """The same with a load board for good on each tester."""
    return [
        LotExposure(one.lot, one.total, {
            **one.tools,
            **{Tool(Factor.LOAD_BOARD, board): one.tools[Tool(Factor.TESTER, tester)]
               for board, tester in BOARDS if Tool(Factor.TESTER, tester) in one.tools},
        })
        for one in lots
    ]  # fmt: skip


def boards_before(lots: Sequence[LotExposure]) -> list[LotExposure]:
    return [
        LotExposure(one.lot, one.total, {
            **one.tools,
            **{Tool(Factor.LOAD_BOARD, f"on {tool.name}"): on for tool, on in one.tools.items()},
        })
        for one in lots
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("bad", "told"), [((37, 37, 37, 37), ["T1"]), ((15, 45, 45, 45), [])], ids=["all", "one site"]
)
def test_tools_of_the_same_units_are_told_once_and_not_for_one_site(
    bad: tuple[int, ...], told: list[str]
) -> None:
    lots = with_boards([with_sites(f"B{number}", bad, GOOD) for number in range(3)])
    found = judged([*boards_before(ordinary(12, (("T3", "T4"),))), *lots])
    assert [loss.tool.name for loss in found.losses] == told
    assert [one.name for loss in found.losses for one in loss.alike] == ["LB-1"] * len(told)


def test_a_tester_is_not_taken_for_one_whose_name_begins_alike() -> None:
    lots = [
        lot(f"B{n}", (Factor.TESTER, "T1", 60, 100), (Factor.TESTER, "T1/2", 270, 300),
            (Factor.SITE, "T1/1/1", 60, 100), (Factor.SITE, "T1/2/1/1", 270, 300))
        for n in range(3)
    ]  # fmt: skip
    found = judged([*ordinary(12, (("T3", "T4"),)), *lots])
    assert [loss.tool.name for loss in found.losses] == ["T1"]
    assert found.losses[0].others == pytest.approx(0.9)
