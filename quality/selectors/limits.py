"""Fixed limits by series."""

from __future__ import annotations

from collections.abc import Iterable

from quality.domain.words import Statistic
from quality.models import YieldLimit
from quality.selectors.series import SeriesKey


def fixed_limits(keys: Iterable[SeriesKey]) -> dict[tuple[SeriesKey, Statistic], float]:
    """(series, statistic) → lowest allowed ratio, of the limits switched on."""
    rows = YieldLimit.objects.filter(
        product__in={key.product_id for key in keys}, is_enabled=True
    ).values_list("product_id", "step_code", "statistic", "ratio_min")
    return {
        (SeriesKey(product_id, step_code), Statistic(statistic)): ratio_min
        for product_id, step_code, statistic, ratio_min in rows
    }
