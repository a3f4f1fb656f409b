from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from intake.detectors import files, rows
from intake.detectors.files import FileUnmatched
from intake.detectors.rows import RowsQuarantined
from intake.tests.handing import loaded, start_row, wip, wip_row
from intake.tests.stdf_builder import sort_file
from quality.detectors.frame import detectors
from quality.domain.partial import Partial

pytestmark = pytest.mark.django_db


def test_both_are_known_to_quality() -> None:
    codes = {detector.code for detector in detectors(is_timed=True)}
    assert {RowsQuarantined.code, FileUnmatched.code} <= codes


def test_quarantined_rows_are_one_cause_a_file(material: Path) -> None:
    bad = [wip_row("explode", "W1", hour) for hour in (1, 2)]
    file = loaded(wip(start_row(), *bad), "x.wip.csv")
    (finding,) = RowsQuarantined().find(timezone.now())
    assert finding.title == "2 rows of x.wip.csv are in quarantine"
    assert finding.cause_key == f"feed-rows-quarantined:{file.sha256}"
    assert "explode" in str(finding.evidence.facts["first_reason"])


def test_a_report_without_quarantined_rows_is_no_cause(material: Path) -> None:
    loaded(wip(start_row()), "x.wip.csv")
    assert RowsQuarantined().find(timezone.now()) == []


def test_a_file_unmatched_for_a_day_is_a_cause(material: Path) -> None:
    loaded(sort_file(lot="W1"))
    now = timezone.now()
    assert FileUnmatched().find(now + timedelta(hours=23)) == []
    (finding,) = FileUnmatched().find(now + timedelta(hours=25))
    assert finding.evidence.limit == 24
    assert "There is no lot W1." in str(finding.evidence.facts["reason"])


def test_files_beyond_the_most_that_are_read_are_not_taken_back(
    material: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(sort_file(lot="W1"))
    loaded(wip(start_row(), wip_row("explode", "W1", 1)), "x.wip.csv")
    monkeypatch.setattr(files, "FILES_MAX", 0)
    monkeypatch.setattr(rows, "FILES_MAX", 0)
    day_after = timezone.now() + timedelta(hours=25)
    for detector in (FileUnmatched(), RowsQuarantined()):
        assert isinstance(detector.find(day_after), Partial)
