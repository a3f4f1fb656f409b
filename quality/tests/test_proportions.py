from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.domain.dispersion import Count
from quality.domain.multiplicity import benjamini_hochberg, bonferroni
from quality.domain.proportions import (
    compare_sites,
    fisher,
    homogeneity,
    site_dispersion,
    step_dispersion,
    worst_effect,
)

P_VALUES = st.lists(st.floats(0, 1), max_size=20)


@given(P_VALUES)
def test_adjusted_p_is_between_p_and_bonferroni(p_values: list[float]) -> None:
    adjusted, strict = benjamini_hochberg(p_values), bonferroni(p_values)
    for raw, ours, most in zip(p_values, adjusted, strict, strict=True):
        assert raw - 1e-12 <= ours <= most + 1e-12


@given(P_VALUES)
def test_adjusting_keeps_the_order(p_values: list[float]) -> None:
    pairs = sorted(zip(p_values, benjamini_hochberg(p_values), strict=True))
    adjusted = [one for _, one in pairs]
    assert adjusted == sorted(adjusted)


def test_bad_site_stands_out_from_three_good_ones() -> None:
    sites = [Count(48, 50), Count(47, 50), Count(33, 50), Count(49, 50)]
    verdicts = compare_sites(sites)
    assert [verdict.p_adjusted < 0.005 for verdict in verdicts] == [False, False, True, False]
    assert verdicts[2].effect == pytest.approx(33 / 50 - 144 / 150)


def test_one_site_has_no_siblings() -> None:
    assert compare_sites([Count(1, 2)]) == []


def test_the_worst_effect_is_that_of_the_site_that_is_furthest_behind() -> None:
    sites = [Count(95, 100), Count(80, 100), Count(93, 100)]
    assert worst_effect(sites) == min(verdict.effect for verdict in compare_sites(sites))
    assert worst_effect(sites[:1]) == 0


def test_sites_that_always_differ_make_the_test_milder() -> None:
    sites = [Count(450, 500), Count(470, 500)]
    plain, inflated = compare_sites(sites), compare_sites(sites, dispersion=4.0)
    assert inflated[0].p_value > plain[0].p_value
    assert inflated[0].method != plain[0].method


def test_sites_where_every_unit_passed_do_not_differ() -> None:
    assert homogeneity([Count(5, 5), Count(7, 7)]) == (0.0, 1)
    assert compare_sites([Count(5, 5), Count(7, 7)], dispersion=2.0)[0].p_value == 1


def test_two_sides_are_never_less_likely_than_one() -> None:
    table = [[3, 1], [1, 3]]
    assert fisher(table) >= fisher(table, greater=True)


def test_dispersion_of_few_lots_is_not_guessed() -> None:
    assert site_dispersion([[Count(1, 10), Count(9, 10)]] * 5, lots_min=6) == 1.0


def test_dispersion_is_that_of_the_middle_lot_and_not_of_one_bad_one() -> None:
    ordinary, bad = [Count(45, 50), Count(44, 50)], [Count(10, 50), Count(50, 50)]
    assert site_dispersion([ordinary] * 6 + [bad], lots_min=6) == 1.0


def test_lots_with_a_single_site_say_nothing_about_sites() -> None:
    lots = [[Count(9, 10)]] * 6
    assert site_dispersion(lots, lots_min=6) == 1.0


def test_sites_of_ordinary_lots_that_differ_are_dispersed() -> None:
    lots = [[Count(400, 500), Count(480, 500)]] * 6
    assert site_dispersion(lots, lots_min=6) > 10


def lots_of(*passed: tuple[int, int]) -> list[dict[str, Count]]:
    return [{"1": Count(one, 100), "2": Count(two, 100)} for one, two in passed]


def test_a_fault_that_stays_changes_once_and_does_not_hide_itself() -> None:
    lots = lots_of(*[(95, 95), (94, 96)] * 5, *[(70, 95), (71, 96)] * 5)
    assert step_dispersion(lots, ["1"], lots_min=6) == 1.0


def test_a_difference_that_comes_and_goes_is_usual() -> None:
    lots = lots_of(*[(95, 80), (80, 95)] * 5)
    assert step_dispersion(lots, ["1"], lots_min=6) > 10


def test_few_changes_say_nothing() -> None:
    lots = lots_of(*[(95, 60), (60, 95)] * 3)
    assert step_dispersion(lots, ["1"], lots_min=6) == 1.0
    assert step_dispersion(lots, ["1"], lots_min=5) > 10


def test_lots_without_the_site_or_without_another_say_nothing_of_its_changes() -> None:
    lots = lots_of(*[(95, 60), (60, 95)] * 4)
    alone = [{"1": lot["1"]} for lot in lots]
    assert step_dispersion(lots, ["3"], lots_min=1) == 1.0
    assert step_dispersion(alone, ["1"], lots_min=1) == 1.0


def test_sites_where_every_unit_passed_do_not_change() -> None:
    assert step_dispersion(lots_of(*[(100, 100)] * 8), ["1"], lots_min=6) == 1.0
