"""Which tool explains a loss, without a database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from quality.domain.commonality import NOT_SURE, Basis, Ground, Suspect, commonality
from quality.domain.dispersion import Count
from quality.domain.exposure import Factor, LotExposure, Tool

T1, T2 = Tool(Factor.TESTER, "T1"), Tool(Factor.TESTER, "T2")
CARD, OTHER = Tool(Factor.PROBE_CARD, "C1"), Tool(Factor.PROBE_CARD, "C2")
SITE = Tool(Factor.SITE, "T1/1/3")
OVEN, OTHER_OVEN = Tool(Factor.OVEN, "O1"), Tool(Factor.OVEN, "O2")


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


def on_sites(number: int, first: Sequence[int], second: Sequence[int]) -> LotExposure:
    """T1 and T2 with so many sites, 25 units each, of which so many passed."""
    rows = (("T1", first), ("T2", second))
    sites = {
        Tool(Factor.SITE, f"{tester}/1/{place}"): (passed, 25)
        for tester, row in rows
        for place, passed in enumerate(row, 1)
    }
    testers = {Tool(Factor.TESTER, name): (sum(row), 25 * len(row)) for name, row in rows}
    total = sum(first) + sum(second), 25 * (len(first) + len(second))
    return lot(number, {**testers, **sites}, total)


EVEN = (24, 24, 24, 24)


def test_site_comes_before_the_tester_it_is_part_of() -> None:
    lots = [on_sites(number, (24, 24, 5, 24), EVEN) for number in range(3)]
    first, second = commonality(lots).suspects[:2]
    assert (first.tool, second.tool) == (SITE, T1)
    assert first.confounders[0] == "tester T1: it is part of it"


def test_tester_at_fault_is_named_before_its_worst_site() -> None:
    """The worst of four sites leads its tester in sigma, but not its sisters by much."""
    lots = [on_sites(n, (20, 23, 23, 23), (25, 24, 24, 24)) for n in range(3)]
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
    since = by_tool[Tool(Factor.TIME, "since L6")]
    assert (by_tool[T1].how_sure == NOT_SURE, since.how_sure == NOT_SURE) == (True, False)


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
    lots = [on_sites(number, (16,), (24,)) for number in range(3)]
    ranked = [one.tool for one in commonality(lots).suspects[:2]]
    assert ranked == [T1, Tool(Factor.SITE, "T1/1/1")]


def test_a_site_is_part_of_its_own_tester_alone() -> None:
    assert Tool(Factor.SITE, "T1/2/1/3").tester == Tool(Factor.TESTER, "T1/2")
    assert Tool(Factor.SITE, "T10/1/3").tester == Tool(Factor.TESTER, "T10")
    assert T1.tester is None


def test_a_tester_is_not_confounded_by_the_sites_of_one_whose_name_begins_alike() -> None:
    """T1 and the only site of T1/1 are at fault: neither is part of the other."""
    other, site = Tool(Factor.TESTER, "T1/1"), Tool(Factor.SITE, "T1/1/1/1")
    lots = [
        lot(
            number,
            {T1: (75, 100), T2: (98, 100), other: (40, 100), site: (40, 100),
             Tool(Factor.SITE, "T2/1/1"): (98, 100), Tool(Factor.SITE, "T1/1/1"): (75, 100)},
            (213, 300),
        )
        for number in range(3)
    ]  # fmt: skip
    by_tool = {one.tool: one for one in commonality(lots).suspects}
    assert "tester T1/1: it is part of it" in by_tool[site].confounders
    assert "tester T1: it is part of it" not in by_tool[site].confounders


def test_a_lot_of_which_nothing_is_known_is_inconclusive() -> None:
    assert commonality([]).reason == "inconclusive: it is not known what the lot was on"


def test_a_tool_that_the_last_lot_was_not_on_explains_nothing_of_it() -> None:
    t3 = Tool(Factor.TESTER, "T3")
    bad = [split(number, 70, 95) for number in range(6)]
    assert commonality(bad).suspects[0].tool == T1
    last = lot(6, {T2: (95, 100), t3: (95, 100)}, (190, 200))
    assert T1 not in {one.tool for one in commonality([*bad, last]).suspects}


def wobbling(count: int, spread: int, usual: int = 0) -> list[LotExposure]:
    """Lots on T1 and T2, whose difference changes so much from lot to lot, T1 usually lower."""
    return [
        split(number, 90 - usual - spread * (number % 2), 90 - spread * ((number + 1) % 2))
        for number in range(count)
    ]


@pytest.mark.parametrize(("spread", "named"), [(1, [T1]), (8, [])], ids=["alike", "unlike"])
def test_testers_that_differ_on_ordinary_lots_need_more(spread: int, named: list[Tool]) -> None:
    bad = [split(number, 78, 90) for number in range(20, 23)]
    assert [one.tool for one in commonality([*wobbling(20, spread), *bad]).suspects] == named


def test_how_a_tester_usually_compares_is_no_cause_of_what_is_new() -> None:
    bad = [split(number, 72, 90) for number in range(30, 33)]
    (one,) = commonality([*wobbling(30, 1), *bad]).suspects
    assert (one.tool, one.ground, one.confounders) == (T1, Ground.OWN, ())
    assert one.usual == pytest.approx(0, abs=0.01)
    assert one.how_sure.startswith("very sure")
    assert commonality([*wobbling(30, 1, usual=18), *bad]).suspects == ()


def test_a_new_tester_is_set_against_how_the_others_differ() -> None:
    t3 = Tool(Factor.TESTER, "T3")
    bad = [lot(number, {t3: (60, 100), T2: (90, 100)}, (150, 200)) for number in range(30, 33)]
    (one,) = commonality([*wobbling(30, 1), *bad]).suspects
    assert (one.tool, one.ground, one.usual) == (t3, Ground.KIND, None)
    assert one.confounders == ("its ordinary difference: too few lots on it before",)


def test_without_lots_before_it_is_not_sure_however_small_the_chance() -> None:
    (one,) = commonality([split(number, 50, 95) for number in range(3)]).suspects
    assert one.p_adjusted < 1e-6
    assert (one.ground, one.how_sure) == (Ground.CHANCE, NOT_SURE)
    assert one.confounders == (
        "an ordinary difference: too little is known of how much testers differ",
    )


def test_what_is_set_against_ordinary_lots_comes_before_what_is_clearer_by_chance_alone() -> None:
    """Over its newest 12 lots there are none before to know by; over the newest six there are."""
    good = [split(number, 90 - number % 2, 90) for number in range(6)]
    bad = [split(number, 60 + number % 2, 90) for number in range(6, 12)]
    one = commonality([*good, *bad]).suspects[0]
    assert (one.tool, len(one.lots), one.ground) == (T1, 6, Ground.OWN)


@pytest.mark.parametrize(
    ("p_adjusted", "words"),
    [
        (0.0009, "very sure: at most 1 in 1,000 such is wrong"),
        (0.009, "sure: at most 1 in 100 such is wrong"),
        (0.049, "fairly sure: at most 1 in 20 such is wrong"),
    ],
)
def test_how_sure_is_said_in_words(p_adjusted: float, words: str) -> None:
    one = Suspect(T1, Basis.WITHIN, Ground.OWN, -0.1, 0.0, 300, ("L1",), 0.0001, p_adjusted)
    assert one.how_sure == words


def test_few_units_in_each_lot_are_judged_by_units_alone() -> None:
    small = [
        lot(number, {T1: (4 if number > 19 else 9, 10), T2: (88, 100)}, (97, 110))
        for number in range(26)
    ]
    (one,) = commonality(small).suspects
    assert (one.tool, one.ground) == (T1, Ground.CHANCE)


def test_whole_lots_of_a_tool_that_is_always_so_explain_nothing_new() -> None:
    others = [whole(number, 186 + number % 5, T2) for number in range(0, 30, 2)]
    same = [whole(number, 150 + number % 5, T1) for number in range(1, 30, 2)]
    mixed = [one for pair in zip(others, same, strict=True) for one in pair]
    assert T1 not in {one.tool for one in commonality(mixed).suspects}
    worse = [*mixed, *(whole(number, 120 + number % 2, T1) for number in range(30, 33))]
    by_tool = {one.tool: one for one in commonality(worse).suspects}
    assert by_tool[T1].ground is Ground.OWN
    assert by_tool[T1].usual == pytest.approx(-0.18, abs=0.01)


def test_the_kinds_of_tools_share_the_false_discoveries() -> None:
    """By hand: T1's least of two within its kind, the kind's of two again."""
    alone = [split(number, 84, 93) for number in range(3)]
    (one,) = commonality(alone).suspects
    both = [
        replace(row, tools={**row.tools, OVEN: Count(88, 100), OTHER_OVEN: Count(89, 100)})
        for row in alone
    ]
    (other,) = commonality(both).suspects
    assert one.p_adjusted == pytest.approx(2 * one.p_value)
    assert other.p_adjusted == pytest.approx(4 * one.p_value)


def simulated(
    seed: int, lasting: float = 0.0, passing: float = 0.0, loss: float = 0.0
) -> list[LotExposure]:
    """60 lots on two of four testers, that differ for good and from lot to lot by such sigmas of
    the pass ratio; T0 is on the last three and loses so much there."""
    random = np.random.default_rng(seed)
    levels = random.normal(0.93, lasting, 4) if lasting else np.full(4, 0.93)
    lots = []
    for number in range(60):
        is_last = number >= 57
        pair = [0, number % 3 + 1] if is_last else random.choice(4, 2, replace=False).tolist()
        tools = {}
        for one in pair:
            level = levels[one] + random.normal(0, passing) - (loss if is_last and not one else 0)
            passed = int(random.binomial(500, min(level, 1.0)))
            tools[Tool(Factor.TESTER, f"T{one}")] = passed, 500
        lots.append(lot(number, tools, (sum(ok for ok, _ in tools.values()), 1000)))
    return lots


def share_named(runs: int, **changes: float) -> float:
    """Of simulated lines, those with a tester among the suspects."""
    found = [
        any(one.tool.factor is Factor.TESTER for one in commonality(lots).suspects)
        for lots in (simulated(seed, **changes) for seed in range(runs))
    ]
    return sum(found) / runs


@pytest.mark.parametrize(
    ("lasting", "passing"),
    [(0.0, 0.0), (0.0, 0.015), (0.0, 0.03), (0.01, 0.0), (0.02, 0.0), (0.01, 0.01)],
)
def test_testers_that_differ_as_they_always_do_are_seldom_suspected(
    lasting: float, passing: float
) -> None:
    """At most the 5 % that is stated; chance alone named one in up to 9 of 10 lines."""
    assert share_named(100, lasting=lasting, passing=passing) <= 0.05


def test_a_tester_that_loses_five_points_is_named() -> None:
    assert share_named(60, loss=0.05) >= 0.95
    assert share_named(60, loss=0.05, lasting=0.01, passing=0.01) >= 0.6
