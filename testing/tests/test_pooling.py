from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats

from testing.domain.pooling import SiteSummaries, pool_sites

values_of_sites = st.lists(
    st.lists(st.floats(-1e6, 1e6), min_size=0, max_size=6), min_size=1, max_size=4
)


def summed(groups: list[list[list[float]]]) -> SiteSummaries:
    """groups: parameter → site → values; one insertion more at each had none."""
    rows = [
        (
            group,
            len(values) + 1,
            len(values),
            0,
            np.mean(values) if values else np.nan,
            np.std(values, ddof=1) if len(values) > 1 else np.nan,
            min(values, default=np.nan),
            max(values, default=np.nan),
        )
        for group, sites in enumerate(groups)
        for values in sites
    ]
    group, executed, count, fails, *rest = (np.array(column) for column in zip(*rows, strict=True))
    return SiteSummaries(
        group, executed, count, fails, *(column.astype(np.float64) for column in rest)
    )


@given(values_of_sites)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_pooled_figures_are_those_of_all_values(sites: list[list[float]]) -> None:
    everything = np.concatenate([np.array(site, dtype=np.float64) for site in sites])
    pooled = pool_sites(summed([sites]), 1)
    assert pooled.count[0] == len(everything)
    assert pooled.executed[0] == len(everything) + len(sites)
    if len(everything) == 0:
        assert np.isnan([pooled.mean[0], pooled.minimum[0], pooled.maximum[0]]).all()
        return
    near = pytest.approx
    assert pooled.mean[0] == near(everything.mean(), rel=1e-9, abs=1e-6)
    assert (pooled.minimum[0], pooled.maximum[0]) == (everything.min(), everything.max())
    if len(everything) > 1:
        assert pooled.deviation[0] == near(everything.std(ddof=1), rel=1e-6, abs=1e-4)


def test_difference_between_sites_is_told_by_analysis_of_variance() -> None:
    sites = [[1.0, 1.2, 0.9, 1.1], [1.4, 1.5, 1.3], [1.0, 1.1, 1.3, 1.2]]
    pooled = pool_sites(summed([sites]), 1)
    answer = stats.f_oneway(*sites)
    assert pooled.site_p[0] == pytest.approx(answer.pvalue)
    means = [float(np.mean(site)) for site in sites]
    within = np.sqrt(sum(np.var(s, ddof=1) * (len(s) - 1) for s in sites) / (11 - 3))
    assert pooled.within[0] == pytest.approx(within)
    assert pooled.site_gap[0] == pytest.approx((max(means) - min(means)) / within)
    middle = np.mean(np.concatenate(sites))
    between = sum(len(s) * (np.mean(s) - middle) ** 2 for s in sites)
    assert pooled.site_share[0] == pytest.approx(between / (between + within**2 * 8))


def test_one_site_tells_nothing_of_sites() -> None:
    pooled = pool_sites(summed([[[1.0, 2.0, 3.0]]]), 1)
    assert np.isnan([pooled.site_gap[0], pooled.site_share[0], pooled.site_p[0]]).all()


def test_sites_without_spread_tell_nothing_of_sites() -> None:
    pooled = pool_sites(summed([[[1.0, 1.0], [2.0, 2.0]]]), 1)
    assert np.isnan(pooled.site_gap[0])


def test_parameters_are_kept_apart() -> None:
    pooled = pool_sites(summed([[[1.0, 3.0]], [[10.0], [30.0]], [[]]]), 3)
    assert pooled.count.tolist() == [2, 2, 0]
    assert pooled.mean[:2].tolist() == [2.0, 20.0]
    assert np.isnan(pooled.mean[2])
