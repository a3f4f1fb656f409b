from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quality.domain.capability import mean_change
from quality.domain.charts import count_chart, cusum, ewma_half_width
from quality.domain.wafer_maps import bad_neighbourhood, join_counts, moran

SCORES = st.lists(st.floats(-5, 5), max_size=30)


def test_count_on_its_limit_does_not_signal() -> None:
    chart = count_chart([16, 28, 4, 16])
    assert chart.signals([chart.high[0], chart.low[0], 16, 16]) == []


@given(SCORES)
def test_cumulative_sums_never_fall_below_zero(scores: list[float]) -> None:
    assert all(up >= 0 and down >= 0 for up, down in cusum(scores, 0.0, 0.5))


def test_ewma_limits_widen_to_their_final_width() -> None:
    widths = [ewma_half_width(0.2, 1, 3, place) for place in (1, 2, 50)]
    assert widths == sorted(widths)
    assert widths[-1] <= ewma_half_width(0.2, 1, 3)


def test_change_of_the_mean_is_found_where_it_is() -> None:
    assert mean_change([0.0, 0.1, 0.0, 5.0, 5.1])[0] == 3


def square(bad: set[tuple[int, int]], size: int = 4) -> dict[tuple[int, int], bool]:
    return {(x, y): (x, y) in bad for x in range(size) for y in range(size)}


def test_bad_dies_in_one_corner_lie_together() -> None:
    together = moran(square({(0, 0), (0, 1), (1, 0), (1, 1)}))
    apart = moran(square({(0, 0), (2, 1), (1, 3), (3, 2)}))
    assert together is not None
    assert apart is not None
    assert together > 0.3 > apart


def test_map_without_contrast_has_no_pattern() -> None:
    assert moran(square(set())) is None
    assert moran({}) is None
    assert moran({(0, 0): True, (5, 5): False}) is None


def test_every_pair_of_neighbours_is_counted_once() -> None:
    counts = join_counts(square({(0, 0)}))
    assert (counts.bad, counts.mixed, counts.good) == (0, 2, 22)


def test_good_die_at_the_edge_is_judged_by_the_neighbours_it_has() -> None:
    corner = square({(0, 1), (1, 0), (1, 1)})
    assert bad_neighbourhood(corner, 0.75) == {(0, 0)}


def test_lonely_die_has_no_bad_company() -> None:
    assert bad_neighbourhood({(0, 0): False}) == set()
