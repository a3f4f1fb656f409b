from __future__ import annotations

from operations.domain.restated import FIGURES, Figure, figures


def test_each_count_stands_beside_the_one_before() -> None:
    before = dict.fromkeys(FIGURES, 1)
    found = figures(before, {**before, "unit_count": 2})
    assert found[0] == Figure(1, 2)
    assert [figure.is_changed for figure in found] == [True, False, False, False, False, False]


def test_the_first_file_changes_nothing() -> None:
    found = figures(None, dict.fromkeys(FIGURES, 3))
    assert not any(figure.is_changed for figure in found)
