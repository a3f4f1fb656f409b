"""A product whose yield falls, lot by lot."""

from __future__ import annotations

from typing import Any

import pytest

from lots.models import Lot
from quality.detectors.drifts import YieldDrift
from quality.detectors.yields import YieldBelowLimit
from quality.domain.findings import Finding
from quality.models import YieldFigure
from quality.selectors.long_series import Span, long_series
from quality.services import raise_findings, resolve_issue
from quality.tests.building import NOW, Figures, bare_lot, ordinary_lots, person, rule

pytestmark = pytest.mark.usefixtures("rules")

ORDINARY = 30


def falling(count: int = 8, passed: int = 183, start: int = ORDINARY, **rest: Any) -> list[Lot]:
    """Lots somewhat low, none of them low enough to show by itself."""
    lots = []
    for number in range(start, start + count):
        lot = bare_lot(f"F-{number:02d}")
        Figures(passed=passed + number % 3, days=number, **rest).of(lot)
        lots.append(lot)
    return lots


def found_in(lots: list[Lot]) -> list[Finding]:
    return YieldDrift().judge([lot.pk for lot in lots], {}, NOW)


def test_small_lasting_fall_is_one_cause_found_on_every_lot_that_shows_it() -> None:
    ordinary_lots(ORDINARY)
    lots = falling()
    all_found = found_in(lots)
    assert [one for lot in lots for one in found_in([lot])] == all_found
    assert {one.cause_key for one in all_found} == {"yield-drift:TRN3:FT-HOT"}
    title = "Final yield of TRN3 at FT-HOT has been 9"
    assert any(one.title.startswith(title) for one in all_found)
    assert YieldBelowLimit().judge([lot.pk for lot in lots[:3]], {}, NOW) == []


def test_finding_lists_the_lots_since_it_began() -> None:
    ordinary_lots(ORDINARY)
    found = found_in(falling())[-1]
    facts = found.evidence.as_json()["facts"]
    assert isinstance(facts, dict)
    assert facts["sum"] > facts["sum_limit"]
    assert {row["lot"][:2] for row in facts["lots_since"]} == {"F-"}
    levels, sums = found.evidence.pictures
    marked = [point.name for point in levels.points if point.is_flagged]
    assert marked == [row["lot"] for row in facts["lots_since"]]
    assert sums.points[-1].is_flagged
    assert (sums.points[-1].value, sums.high) == (facts["sum"], facts["sum_limit"])


def test_ordinary_lots_do_not_drift() -> None:
    assert found_in(ordinary_lots(ORDINARY)) == []


def test_fall_of_first_passes_is_found_behind_a_steady_final_yield() -> None:
    ordinary_lots(ORDINARY)
    lots = falling(passed=189, first_passed=178)
    (found,) = found_in(lots)
    assert found.title.startswith("First-pass yield")


def test_short_history_says_nothing() -> None:
    ordinary_lots(5)
    assert found_in(falling(6, start=5)) == []


def test_fall_too_small_to_matter_is_left_alone() -> None:
    ordinary_lots(ORDINARY)
    lots = falling()
    assert YieldDrift().judge([lot.pk for lot in lots], {"effect_min": 0.2}, NOW) == []


def test_series_begins_anew_once_the_new_level_is_explained() -> None:
    ordinary_lots(ORDINARY)
    lots = falling()
    (issue,) = raise_findings(rule=rule("yield-drift"), findings=found_in(lots), now=NOW)
    resolve_issue(issue=issue, actor=person(), note="new socket", cause="socket")
    assert found_in(falling(20, start=60)) == []


def test_a_long_series_costs_no_more_queries(django_assert_max_num_queries: Any) -> None:
    ordinary_lots(ORDINARY)
    lots = falling()
    with django_assert_max_num_queries(6):
        found_in(lots)


def test_recent_lots_stand_beside_the_first_ones() -> None:
    ordinary_lots(ORDINARY)
    lots = falling()
    parameters = {"baseline_lots": 20, "window_lots": 12}
    found = YieldDrift().judge([lot.pk for lot in lots], parameters, NOW)[-1]
    assert found.evidence.baseline == tuple(f"OK-{number:02d}" for number in range(20))


def test_a_lot_is_judged_the_same_whoever_is_judged_with_it() -> None:
    """The lot that showed it, alone and in one batch with one far behind it."""
    ordinary_lots(110)
    shown = next(lot for lot in falling(8, start=110) if found_in([lot]))
    found = found_in([shown])
    later = falling(110, passed=198, start=118)
    assert found_in([later[-1]]) == []
    assert found_in([shown, later[-1]]) == found_in([shown]) == found


def test_lots_that_began_at_the_same_instant_hide_none_of_a_long_series() -> None:
    """One that stands behind the lot that is judged does not make the series look whole."""
    lots = ordinary_lots(20)
    last = YieldFigure.objects.get(lot_step__lot=lots[-1])
    YieldFigure.objects.filter(lot_step__lot=lots[-2]).update(started_at=last.started_at)
    together = {
        one.judged: one
        for one in long_series([lot.pk for lot in lots[:-1]], Span(2, 5, 1), YieldDrift.code)
    }
    for lot in lots[:-1]:
        (alone,) = long_series([lot.pk], Span(2, 5, 1), YieldDrift.code)
        assert together[alone.judged] == alone
