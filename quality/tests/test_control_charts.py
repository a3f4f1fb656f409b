"""Charts of a series: trial limits, frozen versions, and what is known of lots that signal."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lots.models import Lot, Product
from quality.domain.words import LimitKind, RuleSet
from quality.models import LimitVersion
from quality.selectors.control_charts import ControlChart, control_chart, version_chart
from quality.selectors.limit_asking import LimitWords, asked_for
from quality.tests.building import NOW, T0, Figures, bare_lot, ordinary_lots, raised
from quality.tests.test_detectors import low_lot
from quality.tests.test_limit_versions import approved, asked, prepared
from supplychain.base.errors import MalformedError, RefusedError

pytestmark = pytest.mark.usefixtures("rules")
LANEY = LimitKind.CHART_LANEY


def chart(kind: LimitKind = LANEY, subject: str = "final-yield") -> ControlChart:
    found = control_chart(asked(kind, subject), RuleSet.LIMIT, NOW)
    assert found is not None
    return found


def signalling(found: ControlChart) -> list[str]:
    return [lot.lot.lot_code for lot in found.signals]


def frozen() -> LimitVersion:
    """Limits of eight ordinary lots; one low lot was left out."""
    ordinary_lots()
    low_lot()
    return approved(prepared(asked(LANEY, sigmas=3), left_out={"LOW": "oven fault"}))


def late_lot(code: str = "LATE", passed: int = 150) -> Lot:
    lot = bare_lot(code)
    Figures(passed=passed, days=30, bins={"5": 200 - passed}).of(lot)
    return lot


def test_without_a_version_trial_limits_are_shown() -> None:
    ordinary_lots()
    low_lot()
    found = chart(LimitKind.CHART_P)
    assert found.version is None
    assert signalling(found) == ["LOW"]
    assert all(lot.is_history for lot in found.lots)


def test_lots_that_give_no_limits_have_no_chart() -> None:
    assert control_chart(asked(LANEY), RuleSet.LIMIT, NOW) is None
    with pytest.raises(RefusedError):
        prepared(asked(LANEY))


def test_limits_stay_as_they_were_released() -> None:
    version = frozen()
    late_lot()
    found = chart()
    assert found.version == version
    assert (found.limits.middle, found.limits.sigma) == (version.middle, version.sigma)
    assert signalling(found) == ["LATE"]
    assert not found.signals[0].is_history
    assert version.is_provisional, "eight lots are a short first phase"


def test_a_lot_left_out_has_its_reason_and_no_point() -> None:
    frozen()
    (out,) = [lot for lot in chart().lots if not lot.points]
    assert (out.lot.lot_code, out.lot.left_out) == ("LOW", "oven fault")


def test_a_chart_begins_with_its_first_phase() -> None:
    version = frozen()
    Figures(passed=190, days=-1).of(bare_lot("EARLY"))
    codes = [lot.lot.lot_code for lot in version_chart(version, RuleSet.NELSON).lots]
    assert codes[0] == "OK-00"


def test_a_signal_names_the_issue_of_its_lot() -> None:
    frozen()
    lot = late_lot()
    issue = raised(lot_id=lot.pk, step_id=lot.step_id)
    late_lot("LATE-2", 190)
    (signal,) = chart().signals
    assert signal.issues == (issue,)
    assert [rule.number for rule in signal.rules] == [1]


def test_before_a_version_begins_limits_are_on_trial() -> None:
    ordinary_lots()
    approved(prepared(asked(LANEY), valid_from=NOW + timedelta(days=1)), at=T0)
    assert chart().version is None


def test_a_hard_bin_is_charted_by_its_units() -> None:
    ordinary_lots(bins={"5": 4})
    late_lot()
    found = chart(LimitKind.CHART_U, "5")
    assert found.lots[0].lot.passed == 4
    assert signalling(found) == ["LATE"]


@pytest.mark.parametrize(
    ("kind", "said", "meant", "sigmas"),
    [
        (LANEY, "", "final-yield", 3),
        (LimitKind.CHART_EWMA, "first-yield", "first-yield", 3.059),
        (LimitKind.CHART_CUSUM, "5", "5", 5.757),
        (LimitKind.CHART_U, "7", "7", 3),
    ],
)
def test_a_chart_is_of_a_yield_or_a_hard_bin(
    kind: LimitKind, said: str, meant: str, sigmas: float
) -> None:
    words = LimitWords(Product.objects.get(code="TRN3"), "FT-HOT", kind, said)
    assert (asked_for(words).subject, asked_for(words).sigmas) == (meant, sigmas)


@pytest.mark.parametrize(
    ("kind", "said"),
    [(LimitKind.CHART_U, "final-yield"), (LANEY, "yield"), (LimitKind.CHART_U, "")],
)
def test_other_words_are_refused(kind: LimitKind, said: str) -> None:
    words = LimitWords(Product.objects.get(code="TRN3"), "FT-HOT", kind, said)
    with pytest.raises(MalformedError):
        asked_for(words)
