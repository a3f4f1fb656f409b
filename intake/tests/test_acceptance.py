"""The reference files through the command, against counts by an independent reader."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from testing.models import Run, UnitResult

SHARED = Path(__file__).resolve().parents[3] / "shared" / "stdf"
NAMES = ["lot2.stdf.gz", "lot3.stdf", "a595.stdf", "four_site_93k.stdf", "d10_1.std"]
SAME = {
    "sha256": "sha256",
    "insertions": "insertions",
    "units": "distinct_units",
    "first_pass_passed": "first_pass_passed",
    "final_passed": "final_passed_last_wins",
    "final_hard_bins": "final_hard_bins",
    "records": "records",
}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here"),
]


def ingest(*names: str) -> list[dict[str, Any]]:
    out = StringIO()
    paths = [str(SHARED / name) for name in names]
    call_command("ingest", *paths, "--create-lots", "--wait", "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_reference_files_give_the_expected_figures(reference: None, files_folder: Path) -> None:
    expected = json.loads((SHARED / "expected.json").read_text())
    for report in ingest(*NAMES):
        want = expected[report["file"]]
        assert report["state"] == "loaded", report
        for ours, theirs in SAME.items():
            assert report[ours] == want[theirs], (report["file"], ours)
        assert report["lot"] == want["mir"]["LOT_ID"]


def test_handing_in_again_changes_nothing(reference: None, files_folder: Path) -> None:
    ingest(*NAMES[:2])
    before = (Run.objects.count(), UnitResult.objects.count())
    again = ingest(*NAMES[:2])
    assert [report["state"] for report in again] == ["duplicate", "duplicate"]
    assert (Run.objects.count(), UnitResult.objects.count()) == before
