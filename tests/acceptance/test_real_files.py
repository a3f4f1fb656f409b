"""Real testers' files through `manage.py ingest`, against counts by an independent reader."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from numpy.typing import NDArray

from intake.models import Arrival
from testing.domain.words import ParameterKind
from testing.models import Parameter, ReadingFile

SHARED = settings.BASE_DIR.parent / "shared" / "stdf"
NAMES = ["lot2.stdf.gz", "lot3.stdf", "a595.stdf", "four_site_93k.stdf", "d10_1.std"]
FIELDS = [
    "file", "sha256", "state", "lot", "insertions", "units", "first_pass_passed", "final_passed",
    "final_hard_bins", "records", "rejected_records", "message",
]  # fmt: skip
SAME = {
    "sha256": "sha256",
    "insertions": "insertions",
    "units": "distinct_units",
    "first_pass_passed": "first_pass_passed",
    "final_passed": "final_passed_last_wins",
    "final_hard_bins": "final_hard_bins",
    "records": "records",
}
"""Our figure → the independent reader's."""

RESULT_INVALID = 0x02
"""Bit 1 of TEST_FLG."""

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/stdf is not beside this checkout"),
]


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((SHARED / "expected.json").read_text())
    return found


@pytest.fixture
def reports(reference: None, files_folder: Path) -> list[dict[str, Any]]:
    return ingest()


def ingest() -> list[dict[str, Any]]:
    out = StringIO()
    paths = [str(SHARED / name) for name in NAMES]
    call_command("ingest", "--create-lots", "--wait", "--json", *paths, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def row_counts() -> dict[str, int]:
    """Rows of every table but the one that notes each asking."""
    tables = [model for model in apps.get_models() if model is not Arrival]
    return {model._meta.label: model._default_manager.count() for model in tables}


def valid_results(name: str) -> NDArray[np.float64]:
    """Values of all PTR results of the file that the tester calls valid: (result,), as stored."""
    stored = ReadingFile.objects.get(run__raw_file__name=name)
    with default_storage.open(stored.path) as stream:
        table = pq.read_table(stream, columns=["parameter_id", "value", "flag"])
    parameter, value, flag = (column.to_numpy() for column in table.columns)
    kinds = Parameter.objects.filter(kind=ParameterKind.PARAMETRIC).values_list("id", flat=True)
    is_valid = np.isin(parameter, list(kinds)) & (flag & RESULT_INVALID == 0)
    found: NDArray[np.float64] = value[is_valid]
    return found


def test_figures_equal_the_independent_readers(
    reports: list[dict[str, Any]], expected: dict[str, dict[str, Any]]
) -> None:
    assert [report["file"] for report in reports] == NAMES
    for report in reports:
        want = expected[report["file"]]
        ours = {name: report[name] for name in SAME}
        assert ours == {name: want[theirs] for name, theirs in SAME.items()}, report["file"]
        assert report["lot"] == want["mir"]["LOT_ID"]


def test_every_object_has_the_promised_fields(reports: list[dict[str, Any]]) -> None:
    for report in reports:
        assert list(report) == FIELDS
        assert (report["state"], report["rejected_records"]) == ("loaded", 0), report


def test_asking_again_says_duplicate_and_changes_nothing(reports: list[dict[str, Any]]) -> None:
    before = row_counts()
    again = ingest()
    assert [report["state"] for report in again] == ["duplicate"] * len(NAMES)
    assert row_counts() == before
    for first, second in zip(reports, again, strict=True):
        same = set(FIELDS) - {"state", "message"}
        assert {name: first[name] for name in same} == {name: second[name] for name in same}


def test_stored_readings_are_those_of_the_files(
    reports: list[dict[str, Any]], expected: dict[str, dict[str, Any]]
) -> None:
    for name in NAMES:
        values = valid_results(name)
        assert len(values) == expected[name]["valid_ptr_results"], name
        total = pytest.approx(expected[name]["valid_ptr_result_sum"], rel=1e-12)
        assert float(values.sum()) == total, name
