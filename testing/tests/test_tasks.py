from __future__ import annotations

from testing.tasks import sweep_reading_files
from testing.tests.conftest import Line


def test_the_sweep_leaves_young_files_alone(line: Line) -> None:
    assert sweep_reading_files() == 0
