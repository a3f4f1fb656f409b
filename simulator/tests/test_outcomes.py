from __future__ import annotations

import numpy as np

from simulator.chance import stream
from simulator.outcomes import SortResult, retests_inline, sort_wafers, try_packages
from simulator.programs import CONTACT, CP1, CP2, FT_HOT, LEAKAGE
from simulator.wafers import DIES, ON_EDGE

WAFERS = tuple(f"L1-{number:02d}" for number in range(1, 26))
EVERY_DIE = np.ones((25, len(DIES)), bool)


def sorted_lot(seed: int, *, ring: bool = False) -> SortResult:
    return sort_wafers(CP1, WAFERS, EVERY_DIE, stream(seed, "CP1"), has_edge_ring=ring)


def test_sort_yields_are_plausible_and_differ_from_lot_to_lot_beyond_chance() -> None:
    yields = np.array([sorted_lot(seed).passed.mean() for seed in range(40)])
    binomial = np.sqrt(yields.mean() * (1 - yields.mean()) / EVERY_DIE.size)
    assert 0.6 < yields.mean() < 0.72
    assert yields.std() > 1.3 * binomial


def test_some_four_percent_are_retested_and_some_third_recover() -> None:
    lots = [sorted_lot(seed) for seed in range(20)]
    retested = sum(len(lot.reruns.part_ids) for lot in lots if lot.reruns)
    recovered = sum(int((lot.reruns.failing < 0).sum()) for lot in lots if lot.reruns)
    assert 0.03 < retested / (20 * EVERY_DIE.size) < 0.05
    assert 0.25 < recovered / retested < 0.35


def test_second_sort_touches_only_what_passed_the_first() -> None:
    first = sorted_lot(1)
    second = sort_wafers(CP2, WAFERS, first.passed, stream(1, "CP2"))
    assert len(second.first.part_ids) == first.passed.sum()
    assert not (second.passed & ~first.passed).any()


def test_retests_in_line_follow_their_own_wafer() -> None:
    lot = sorted_lot(2)
    whole = retests_inline(lot).first
    assert (np.diff(whole.wafer) >= 0).all()
    assert (np.diff(whole.group) >= 0).all()
    assert whole.is_retest.sum() == len(lot.reruns.part_ids if lot.reruns else ())


def test_an_edge_ring_is_leakage_on_the_rim_and_spares_the_middle() -> None:
    ringed = sorted_lot(5, ring=True)
    leaks = np.array([CP1.tests[test].hard_bin == LEAKAGE for test in ringed.first.failing])
    on_rim = np.tile(ON_EDGE, 25)
    assert leaks[on_rim].mean() > 0.8
    assert leaks[~on_rim].mean() < 0.2


def test_a_bad_site_fails_on_contact_and_its_siblings_do_not() -> None:
    serials = tuple(str(number) for number in range(400))
    result = try_packages(FT_HOT, serials, stream(4, "FT"), bad_site=3)
    failed = result.first.failing >= 0
    contact = failed & (
        np.array([FT_HOT.tests[t].hard_bin for t in result.first.failing]) == CONTACT
    )
    at_site = result.first.site == 3
    assert contact[at_site].mean() > 0.3
    assert failed[~at_site].mean() < 0.12


def test_packages_that_recover_count_as_passed() -> None:
    serials = tuple(str(number) for number in range(2000))
    result = try_packages(FT_HOT, serials, stream(6, "FT"))
    first = (result.first.failing < 0).sum()
    recovered = (result.reruns.failing < 0).sum()
    assert result.passed.sum() == first + recovered
