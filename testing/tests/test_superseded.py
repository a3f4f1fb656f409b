"""A run that a better copy of its session replaced counts nowhere, and stays to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client

from lots.domain.words import StepKind
from lots.models import Unit
from testing.models import Run
from testing.selectors import (
    coverage_of_lots,
    listed_revisions,
    readings_of_unit,
    results_of_unit,
    that_count,
)
from testing.services import record_run
from testing.tests.builders import Part
from testing.tests.conftest import Line
from testing.tests.test_tables_api import body_of, read

CUT, WHOLE = "a" * 64, "b" * 64
RIGHTS = ["view_run", "view_unitresult", "view_readingsummary", "view_readingfile"]
LISTS = ["results?lot=AS-1", "summaries?lot=AS-1", "readings?lot=AS-1"]


@dataclass(frozen=True)
class Copies:
    cut: Run
    whole: Run


@pytest.fixture
def copies(line: Line) -> Copies:
    """Three chips; the file's cut copy, which came first, has two of them."""
    parts = [Part(part_id=f"C{n}", value=float(n)) for n in (1, 2, 3)]
    cut = record_run(line.tested(*parts[:2], sha256=CUT, is_partial=True).record())
    whole = record_run(line.tested(*parts, sha256=WHOLE).record())
    cut.refresh_from_db()
    return Copies(cut, whole)


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


def rows(reader: Client, address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.get(f"/api/v1/{address}").json()["results"]
    return found


def test_one_question_says_which_runs_count(copies: Copies) -> None:
    assert list(Run.objects.filter(that_count())) == [copies.whole]


@pytest.mark.parametrize("address", LISTS)
def test_rows_of_a_replaced_run_are_listed_only_when_asked_for(
    address: str, copies: Copies, reader: Client
) -> None:
    assert {row["run"] for row in rows(reader, address)} == {WHOLE}
    assert {row["run"] for row in rows(reader, f"{address}&superseded=false")} == {WHOLE}
    assert {row["run"] for row in rows(reader, f"{address}&superseded=true")} == {CUT}
    assert {row["run"] for row in rows(reader, f"{address}&run={CUT}")} == {CUT}
    assert rows(reader, f"{address}&run={CUT}&superseded=false") == []


@pytest.mark.parametrize("address", LISTS)
def test_files_leave_a_replaced_run_out(address: str, copies: Copies, reader: Client) -> None:
    found = read("csv", body_of(reader.get(f"/api/v1/{address}&format=csv")))
    assert {row["run"] for row in found} == {WHOLE}


def test_runs_are_listed_with_what_counts_instead(copies: Copies, reader: Client) -> None:
    (whole,), (cut,) = rows(reader, "runs?lot=AS-1"), rows(reader, "runs?superseded=true")
    assert (whole["sha256"], whole["superseded_by"]) == (WHOLE, None)
    assert (cut["sha256"], cut["superseded_by"]) == (CUT, WHOLE)
    assert reader.get(f"/api/v1/runs/{CUT}").json()["superseded_by"] == WHOLE


@pytest.mark.parametrize("address", ["readings?lot=AS-1&superseded=maybe", "runs?superseded=maybe"])
def test_anything_but_true_and_false_is_refused(address: str, line: Line, reader: Client) -> None:
    assert reader.get(f"/api/v1/{address}").status_code == 400


def test_a_unit_has_each_insertion_and_reading_once(copies: Copies, reader: Client) -> None:
    unit = Unit.objects.get(serial="C1")
    assert [one.run for one in results_of_unit(unit)] == [copies.whole]
    assert readings_of_unit(unit).num_rows == 1
    assert len(rows(reader, "units/C1/results")) == 1


def test_a_revision_counts_its_counting_runs(copies: Copies) -> None:
    (revision,) = listed_revisions()
    assert getattr(revision, "run_count") == 1  # noqa: B009  # added by the query


def test_what_only_a_replaced_run_has_is_not_covered(line: Line) -> None:
    parts = [Part(part_id=f"P{n}") for n in range(20)]
    record_run(line.tested(*parts[:9], Part(part_id="C1"), sha256=CUT, rejected_count=9).record())
    found = coverage_of_lots(line.final_test.code, line.final_test.kind, [line.chip_lot.pk])
    assert "C1" not in found[line.chip_lot.pk].missing
    record_run(line.tested(*parts, sha256=WHOLE).record())
    found = coverage_of_lots(line.final_test.code, line.final_test.kind, [line.chip_lot.pk])
    assert "C1" in found[line.chip_lot.pk].missing


def test_a_wafer_that_only_a_replaced_run_names_is_not_covered(line: Line) -> None:
    parts = [Part(place=(0, x, 1)) for x in range(20)]
    one, other = line.wafers
    cut = line.sorted(*parts[:9], sha256=CUT, is_partial=True)
    whole = line.sorted(*parts, sha256=WHOLE, wafer_ids=[one.pk])
    record_run(cut.record())
    record_run(whole.record())
    found = coverage_of_lots(line.sort.code, StepKind.SORT, [line.wafer_lot.pk])
    assert found[line.wafer_lot.pk].missing == (other.code,)


def test_every_worse_copy_points_to_the_one_that_counts(line: Line) -> None:
    parts = [Part(part_id=f"C{n}") for n in range(4)]
    files = [
        line.tested(*parts[: n + 2], sha256=f"{n}" * 64, is_partial=n < 2).record()
        for n in range(3)
    ]
    for order in permutations(files):
        with transaction.atomic():
            for file in order:
                record_run(file)
            found = Run.objects.order_by("source_sha256").values_list(
                "superseded_by__source_sha256", flat=True
            )
            assert list(found) == ["2" * 64, "2" * 64, None]
            transaction.set_rollback(True)


@pytest.mark.parametrize("is_partial", [False, True])
def test_wafers_of_a_file_each_that_began_together_are_no_copies(
    line: Line, is_partial: bool
) -> None:
    """All dies pass alike, and the tester gave both files the start of the lot."""
    parts = [Part(place=(0, x, 1)) for x in range(10)]
    for wafer, sha256 in zip(line.wafers, (CUT, WHOLE), strict=True):
        changes = {"wafer_ids": [wafer.pk], "sha256": sha256, "is_partial": is_partial}
        record_run(line.sorted(*parts, **changes).record())
    assert Run.objects.filter(that_count()).count() == 2
