"""Statistical detectors on lots of one product at one step."""

from __future__ import annotations

from typing import Any

import pytest

from lots.domain.words import LotPurpose
from lots.models import Lot, Product
from quality.detectors.bins import BinAboveLimit
from quality.detectors.sites import SiteYield
from quality.detectors.thresholds import thresholds
from quality.detectors.yields import Thresholds, YieldBelowLimit
from quality.domain.words import Statistic
from quality.models import YieldLimit
from quality.services import raise_findings, resolve_issue
from quality.tests.building import NOW, Figures, bare_lot, ordinary_lots, person, rule
from supplychain.base.errors import MalformedError

pytestmark = pytest.mark.usefixtures("rules")

FOUR_SITES = {"1": (47, 50), "2": (48, 50), "3": (47, 50), "4": (48, 50)}


def low_lot(code: str = "LOW", days: float = 30, **given: Any) -> Lot:
    lot = bare_lot(code)
    fields: dict[str, Any] = {"passed": 150, "days": days, "bins": {"5": 45, "7": 5}}
    Figures(**{**fields, **given}).of(lot)
    return lot


def test_lot_far_below_earlier_ones_is_found_with_its_grounds() -> None:
    ordinary_lots()
    lot = low_lot()
    (found,) = YieldBelowLimit().judge([lot.pk], {}, NOW)
    evidence = found.evidence
    assert found.lot_id == lot.pk
    assert evidence.statistic == Statistic.FINAL_YIELD
    assert evidence.value == 0.75
    assert isinstance(evidence.limit, float)
    assert evidence.limit > 0.75
    assert evidence.baseline == tuple(f"OK-{number:02d}" for number in range(8))
    assert evidence.n == 200
    assert evidence.policy == "last-v1"
    assert evidence.dispersion is not None
    assert evidence.p_value is not None
    (picture,) = evidence.pictures
    assert [point.name for point in picture.points] == [*evidence.baseline, "LOW"]
    assert [point.is_flagged for point in picture.points].index(True) == 8
    assert (picture.low, picture.points[-1].value) == (evidence.limit, 0.75)
    assert picture.rule == "below what 8 earlier lots predict, at an alpha of 0.002"


def test_ordinary_lot_is_not_found() -> None:
    lots = ordinary_lots(10)
    assert YieldBelowLimit().judge([lot.pk for lot in lots], {}, NOW) == []


def test_low_first_pass_is_found_although_retests_saved_the_lot() -> None:
    ordinary_lots()
    lot = low_lot(passed=190, first_passed=120)
    (found,) = YieldBelowLimit().judge([lot.pk], {}, NOW)
    assert found.evidence.statistic == Statistic.FIRST_YIELD
    assert found.title.startswith("First-pass yield of LOW at FT-HOT is 60.0%")


def test_five_earlier_lots_are_too_few() -> None:
    ordinary_lots(5)
    assert YieldBelowLimit().judge([low_lot().pk], {}, NOW) == []


def test_later_lots_do_not_judge_an_earlier_one() -> None:
    ordinary_lots()
    assert YieldBelowLimit().judge([low_lot(days=-1).pk], {}, NOW) == []


def test_fixed_limit_needs_no_history() -> None:
    YieldLimit.objects.create(
        product=Product.objects.get(code="TRN3"), step_code="FT-HOT", ratio_min=0.8
    )
    (found,) = YieldBelowLimit().judge([low_lot().pk], {}, NOW)
    assert found.evidence.limit == 0.8
    assert found.evidence.method == "fixed-limit-v1"
    assert found.evidence.pictures[0].rule == "below the fixed limit"


def test_yield_on_its_fixed_limit_passes() -> None:
    YieldLimit.objects.create(
        product=Product.objects.get(code="TRN3"), step_code="FT-HOT", ratio_min=0.75
    )
    assert YieldBelowLimit().judge([low_lot().pk], {}, NOW) == []


def test_engineering_lots_are_neither_judged_nor_judged_by() -> None:
    for number in range(8):
        trial = bare_lot(f"ENG-{number}", purpose=LotPurpose.ENGINEERING)
        Figures(passed=195, days=number).of(trial)
    trial = bare_lot("ENG-LOW", purpose=LotPurpose.ENGINEERING)
    Figures(passed=10, days=20).of(trial)
    assert YieldBelowLimit().judge([trial.pk, low_lot().pk], {}, NOW) == []


def test_small_lots_are_not_judged() -> None:
    ordinary_lots()
    lot = low_lot(passed=5, tested=10, bins={})
    assert YieldBelowLimit().judge([lot.pk], {}, NOW) == []


def test_drop_too_small_to_matter_is_not_found() -> None:
    ordinary_lots()
    assert YieldBelowLimit().judge([low_lot().pk], {"effect_min": 0.5}, NOW) == []


def test_lot_with_a_recorded_cause_leaves_the_baseline() -> None:
    ordinary_lots()
    explained = low_lot("EXPLAINED", days=20)
    found = YieldBelowLimit().judge([explained.pk], {}, NOW)
    (issue,) = raise_findings(rule=rule(), findings=found, now=NOW)
    resolve_issue(issue=issue, actor=person(), cause="edge ring", note="etch chamber cleaned")
    (second,) = YieldBelowLimit().judge([low_lot().pk], {}, NOW)
    assert "EXPLAINED" not in second.evidence.baseline


def test_lot_without_a_recorded_cause_stays_in_the_baseline() -> None:
    ordinary_lots(20)
    low_lot("UNEXPLAINED", days=25)
    (found,) = YieldBelowLimit().judge([low_lot(passed=100).pk], {"alpha": 0.05}, NOW)
    assert "UNEXPLAINED" in found.evidence.baseline


def test_bin_that_filled_up_is_found_and_its_neighbour_is_not() -> None:
    ordinary_lots()
    (found,) = BinAboveLimit().judge([low_lot().pk], {}, NOW)
    assert found.cause_key == "bin-above-limit:LOW:FT-HOT:5"
    assert found.evidence.facts["hard_bin"] == "5"
    assert found.evidence.p_adjusted is not None
    assert found.evidence.p_adjusted < 0.005
    (picture,) = found.evidence.pictures
    assert (picture.title, picture.high) == ("Hard bin 5, share of each lot", found.evidence.limit)
    assert picture.points[-1].value == 45 / 200


def test_units_without_a_bin_are_counted_like_a_bin() -> None:
    ordinary_lots()
    lot = low_lot(bins={"": 50})
    (found,) = BinAboveLimit().judge([lot.pk], {}, NOW)
    assert found.title.startswith("Units without a hard bin of LOW")


def test_rare_bin_with_a_handful_of_units_does_not_alarm() -> None:
    ordinary_lots()
    lot = low_lot(passed=190, bins={"5": 4, "7": 3, "12": 3})
    assert BinAboveLimit().judge([lot.pk], {}, NOW) == []


def test_bins_say_nothing_before_six_lots() -> None:
    ordinary_lots(5)
    assert BinAboveLimit().judge([low_lot().pk], {}, NOW) == []


def test_bad_site_is_found_among_its_siblings() -> None:
    ordinary_lots(sites=FOUR_SITES)
    lot = low_lot(passed=177, sites={**FOUR_SITES, "3": (34, 50)})
    (found,) = SiteYield().judge([lot.pk], {}, NOW)
    assert found.cause_key == "site-yield:TRN3:FT-HOT:T1/1/3"
    assert found.title == "Tester site 3 of T1 passes 68.0% of LOW at FT-HOT, its siblings 95.3%"
    (picture,) = found.evidence.pictures
    assert [point.is_flagged for point in picture.points] == [False, False, True, False]
    assert picture.middle == found.evidence.limit


def test_bad_site_needs_no_earlier_lots() -> None:
    lot = low_lot(passed=177, sites={**FOUR_SITES, "3": (34, 50)})
    assert len(SiteYield().judge([lot.pk], {}, NOW)) == 1


def test_bad_site_on_two_lots_is_one_cause() -> None:
    bad = {**FOUR_SITES, "3": (34, 50)}
    lots = [low_lot("LOW-1", sites=bad), low_lot("LOW-2", sites=bad, days=31)]
    found = SiteYield().judge([lot.pk for lot in lots], {}, NOW)
    assert len({one.cause_key for one in found}) == 1
    assert len({one.revision for one in found}) == 2


@pytest.mark.parametrize("sites", [("1", "2", "3", "4"), ("2", "3")])
def test_bad_site_stays_flagged_after_twenty_bad_lots_in_a_row(sites: tuple[str, ...]) -> None:
    bad = {site: (28 if site == "3" else 47 + number % 2, 50) for number, site in enumerate(sites)}
    lots = [low_lot(f"BAD-{number:02d}", days=number, sites=bad) for number in range(26)]
    found = SiteYield().judge([lot.pk for lot in lots], {}, NOW)
    assert len(found) == len(lots)
    assert {one.evidence.facts["site"] for one in found} == {"1/3"}


def test_better_site_is_not_an_issue() -> None:
    lot = low_lot(passed=80, sites={"1": (25, 50), "2": (50, 50)})
    (found,) = SiteYield().judge([lot.pk], {}, NOW)
    assert found.evidence.facts["site"] == "1/1"


def test_single_site_has_nothing_to_be_compared_with() -> None:
    assert SiteYield().judge([low_lot(sites={"1": (100, 200)}).pk], {}, NOW) == []


def test_sites_of_different_testers_are_not_compared() -> None:
    lot = bare_lot("MIXED")
    lot_step = Figures(passed=150, sites={"1": (50, 100)}).of(lot)
    lot_step.yield_figures.filter(scope="site").update(scope_key="T2/1/1")
    one = lot_step.yield_figures.get(scope="site")
    one.pk, one.scope_key, one.first_passed, one.final_passed = None, "T1/1/1", 100, 100
    one.save(force_insert=True)
    assert SiteYield().judge([lot.pk], {}, NOW) == []


@pytest.mark.parametrize("parameters", [{"alhpa": 0.1}, {"alpha": "small"}, {"window_lots": True}])
def test_rule_with_a_wrong_parameter_is_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(MalformedError):
        thresholds(Thresholds, parameters)


def test_window_is_bounded_to_the_latest_lots() -> None:
    ordinary_lots(12)
    (found,) = YieldBelowLimit().judge([low_lot().pk], {"window_lots": 7}, NOW)
    assert found.evidence.baseline == tuple(f"OK-{number:02d}" for number in range(5, 12))


def test_queries_do_not_grow_with_lots(django_assert_num_queries: Any) -> None:
    ids = [lot.pk for lot in ordinary_lots(12, sites=FOUR_SITES)]
    with django_assert_num_queries(6):
        YieldBelowLimit().judge(ids, {}, NOW)
    with django_assert_num_queries(5):
        BinAboveLimit().judge(ids, {}, NOW)
    with django_assert_num_queries(5):
        SiteYield().judge(ids, {}, NOW)
