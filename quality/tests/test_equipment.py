"""Tools that cost yield: told from other tools, single sites, dates and ordinary differences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

import numpy as np
import pytest
from scipy.stats import norm

from quality.domain.commonality import Basis, Factor, LotExposure, Tool
from quality.domain.dispersion import Count
from quality.domain.equipment import ToolsJudged, tool_losses

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
    found = judged([*ordinary(12), *bad])
    (loss,) = found.losses
    assert (loss.tool, loss.basis) == (Tool(Factor.TESTER, "T1"), Basis.WITHIN)
    assert [row.lot for row in loss.lots] == ["B0", "B1", "B2"]
    assert (loss.ratio, loss.others, loss.effect) == pytest.approx((0.75, 0.9, -0.15))
    assert loss.units == 300
    assert loss.units_lost == pytest.approx(45)
    assert loss.p_value < 1e-4
    assert loss.meanwhile == ()


def test_p_value_is_that_of_the_clearest_times_all_that_was_tried() -> None:
    """Both testers over 3 lots and over 6; the plain value by hand, after Mantel and Haenszel."""
    bad = [split(f"B{number}", ("T1", 75), ("T2", 90)) for number in range(3)]
    pairs = (("T3", "T4"),)
    found = judged([*ordinary(8, pairs, seed=3), *ordinary(9, seed=4), *bad])
    (loss,) = found.losses
    variance = 3 * 100 * 100 * 165 * 35 / (200**2 * 199) * loss.dispersion
    plain = norm.sf((3 * 82.5 - 225) / variance**0.5)
    assert found.tried == 4
    assert loss.p_value == pytest.approx(4 * plain)


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


def test_nor_is_a_card_whose_newest_lot_is_like_the_others() -> None:
    lots = cards(*SHARES)
    mended = lot("W19", (Factor.PROBE_CARD, "PC-1", 805, 1000))
    assert judged([*lots, mended]).losses == ()


def test_too_few_units_say_nothing() -> None:
    few = [split(f"B{number}", ("T1", 2), ("T2", 9), units=9) for number in range(3)]
    assert judged([*ordinary(12, (("T3", "T4"),)), *few]).tried == 0


def test_testers_that_always_differ_alike_are_judged_by_how_much_that_changes() -> None:
    """T1 and T2 are on every lot: what stays is a loss, though nothing else is there to compare."""
    lots = [split(f"L{number}", ("T1", 80 + number % 3), ("T2", 90)) for number in range(12)]
    (loss,) = judged(lots).losses
    assert loss.tool.name == "T1"
    assert loss.dispersion == 1
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


def cards(*shares: int, bad: str = "PC-1", lost: int = 60) -> list[LotExposure]:
    """Lots of 1,000 dies wholly on one of three cards in turn, of which so many pass."""
    return [
        lot(f"W{number:02d}", (Factor.PROBE_CARD, card, share - lost * (card == bad), 1000))
        for number, (card, share) in enumerate(zip(cycle(("PC-1", "PC-2", "PC-3")), shares))
    ]


SHARES = tuple(800 + (37 * number) % 20 for number in range(19))


def test_a_card_whose_lots_are_worse_than_those_on_others_meanwhile() -> None:
    (loss,) = judged(cards(*SHARES)).losses
    assert (loss.tool, loss.basis) == (Tool(Factor.PROBE_CARD, "PC-1"), Basis.BETWEEN)
    assert loss.effect == pytest.approx(-0.06, abs=0.005)
    assert loss.p_value < 1e-6
    assert [row.off for row in loss.lots] == [None] * len(loss.lots)
    assert set(loss.meanwhile).isdisjoint(row.lot for row in loss.lots)


def test_a_card_that_was_not_used_beside_others_cannot_be_told_from_the_date() -> None:
    lots = cards(*SHARES, bad="")
    since = [lot(f"N{number}", (Factor.PROBE_CARD, "PC-9", 700, 1000)) for number in range(6)]
    assert judged([*lots, *since]).tried == 0


def test_lots_that_do_not_differ_at_all_are_no_measure() -> None:
    assert judged(cards(*[800] * 19)).tried == 0


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


@pytest.mark.parametrize(
    ("sites", "named"), [((500, 200), []), ((420, 420), ["T1"])], ids=["one site", "both"]
)
def test_nor_where_whole_lots_were_on_it(sites: tuple[int, int], named: list[str]) -> None:
    lots = []
    for number in range(18):
        tester = f"T{number % 3 + 1}"
        passed = sites if tester == "T1" else (498 - number % 5, 498 - number % 4)
        rows = [
            (Factor.SITE, f"{tester}/1/{site}", count, 500) for site, count in enumerate(passed)
        ]
        lots.append(lot(f"W{number}", (Factor.TESTER, tester, sum(passed), 1000), *rows))
    found = judged(lots[:-2])
    assert [loss.tool.name for loss in found.losses] == named


def test_tools_that_the_same_units_were_on_are_told_once() -> None:
    lots = [
        LotExposure(one.lot, one.total, {
            **one.tools,
            Tool(Factor.TESTER, f"on {next(iter(one.tools)).name}"): next(iter(one.tools.values())),
        })
        for one in cards(*SHARES)
    ]  # fmt: skip
    (loss,) = judged(lots).losses
    assert loss.tool == Tool(Factor.TESTER, "on PC-1")
    assert loss.alike == (Tool(Factor.PROBE_CARD, "PC-1"),)
