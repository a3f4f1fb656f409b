"""Home's small charts of yield: a lot is below the limit there when its rule says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from operations.selectors.home import count_of, open_hold_rows, yield_trends
from quality.selectors import yield_trend
from quality.tests.building import NOW, ordinary_lots, rule

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=40)


@pytest.mark.parametrize("alpha", [0.002, 0.01])
def test_limit_at_home_is_that_of_the_rule_that_flags_yields(reference: None, alpha: float) -> None:
    product = ordinary_lots(10)[0].product
    rule(parameters={"alpha": alpha})
    limit = yield_trend(product, "FT-HOT").points[-1].limit_low
    assert limit is not None
    (trend,) = yield_trends(LATER)
    assert trend.drawing.marks[-1].title.endswith(f"limit {limit * 100:.1f} %")


def test_rows_that_do_not_fill_a_list_are_counted_as_shown(db: None) -> None:
    assert count_of(open_hold_rows(), []) == 0
    assert count_of(open_hold_rows(), range(8)) == 0  # full: asked anew
