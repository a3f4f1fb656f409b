from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intake.models import RawFile
from operations.tests.line import Line, sort_wafers, step
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Run
from testing.services import record_run
from testing.tests.builders import Part, Session

AsRole = Callable[[str], Client]


def address(run: Run) -> str:
    return f"/runs/{run.source_sha256}"


@pytest.fixture
def run(line: Line, db: None) -> Run:
    """Twelve insertions at two sites, of which three fail; site 2 measures higher."""
    lot = line.wafer_lot
    parts = [
        Part(
            place=(0, 40 + n, 40),
            site=1 + n % 2,
            value=1.0 + 0.01 * n + n % 2,
            outcome=Outcome.FAIL if n < 3 else Outcome.PASS,
        )
        for n in range(12)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "CP1").pk,
        product_id=lot.product_id,
        wafer_ids=[lot.wafers.earliest("number").pk],
        parts=parts,
        parameters=(
            ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 2.5),
            ParameterRecord(200, "scan", 0, ParameterKind.FUNCTIONAL),
        ),
    )
    return record_run(session.record())


def test_a_run_shows_what_it_counted_and_where_it_belongs(run: Run, as_role: AsRole) -> None:
    body = as_role("Quality").get(address(run)).content.decode()
    for text in ("The file's own counts", "By tester site", "Failing hard bins", "Failing tests"):
        assert text in body
    assert f"/lots/{run.lot_step.lot.code}" in body


def test_tests_are_shown_in_the_unit_that_their_file_asks_for(run: Run, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"{address(run)}?q=idd").content.decode()
    assert "<td>mA</td>" in body
    assert '<td class="sc-number">2500</td>' in body
    assert "sites differ" in body


def test_a_file_shows_its_datalog_and_limits_that_changed_within_it(
    line: Line, run: Run, as_role: AsRole
) -> None:
    RawFile.objects.create(
        sha256=run.source_sha256, size=1, name="a.stdf", kind="stdf", storage_path="x", run=run,
        summary={
            "changed_limits": [
                {"number": 7, "text": "vdd_core", "units": "V", "stated": [
                    {"position": 1200, "low": 0.5, "high": None},
                    {"position": 90_000, "low": 0.25, "high": 2.0},
                ]},
            ],
            "datalog": {"count": 3, "lines": [[88, "contact check <ok>"]]},
        },
    )  # fmt: skip
    body = as_role("Quality").get(address(run)).content.decode()
    for text in ("Limits that changed within the file", "vdd_core", "0.25", "90,000"):
        assert text in body
    assert "contact check &lt;ok&gt;" in body
    assert "The first 1 are shown" in body


def test_limits_that_are_not_the_programs_are_shown(line: Line, run: Run, as_role: AsRole) -> None:
    lot, client = line.wafer_lot, as_role("Quality")
    assert "not the program's" not in client.get(address(run)).content.decode()
    loose = ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 99.5)
    session = Session(
        lot_id=lot.pk,
        step_id=run.lot_step.step_id,
        product_id=lot.product_id,
        wafer_ids=[lot.wafers.earliest("number").pk],
        parts=[Part(place=(0, 40, 40))],
        parameters=(loose,),
        sha256="b" * 64,
        hours=1,
    )
    body = client.get(address(record_run(session.record()))).content.decode()
    assert "Limits are not the program's" in body
    assert '<td class="sc-number" data-label="High, file">99.5</td>' in body
    assert "limits differ" in client.get(f"/lots/{lot.code}").content.decode()
    assert f"/lots/{lot.code}/results" in body


def test_a_run_of_bins_alone_has_no_tests(line: Line, as_role: AsRole) -> None:
    bare = Run.objects.filter(lot_step__lot=line.wafer_lot).earliest("id")
    body = as_role("Quality").get(address(bare)).content.decode()
    assert "This run recorded no test values, only bins." in body


def test_a_run_without_a_file_has_no_link_to_one(run: Run, as_role: AsRole) -> None:
    body = as_role("Quality").get(address(run)).content.decode()
    assert f"/files/{run.source_sha256}" not in body
    assert "leaves the count out" in body


@pytest.mark.parametrize(
    "query",
    ["?order=ppk&show=weak", "?order=no&show=no&page=x", "?q=idd", "?q=nothing-like-it", "?page=9"],
)
def test_any_words_in_the_address_of_the_tests_are_taken(
    query: str, run: Run, as_role: AsRole
) -> None:
    assert as_role("Quality").get(address(run) + query).status_code == 200


def test_a_filter_that_fits_nothing_says_so(run: Run, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"{address(run)}?q=nothing-like-it").content.decode()
    assert "No test fits." in body


def test_the_tests_are_a_file_too(run: Run, as_role: AsRole) -> None:
    answer = as_role("Quality").get(f"{address(run)}/tests.csv")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("number,name,occurrence,kind,units")
    assert len(lines) == 1 + run.summaries.values("parameter").distinct().count()


def test_an_unknown_run_is_not_found(line: Line, as_role: AsRole) -> None:
    assert as_role("Quality").get("/runs/none").status_code == 404


def test_a_run_needs_the_right_to_see_runs(run: Run, as_role: AsRole) -> None:
    assert as_role("Finance").get(address(run)).status_code == 403


def test_the_page_costs_the_same_however_many_runs_there_are(
    line: Line, run: Run, as_role: AsRole
) -> None:
    client = as_role("Quality")
    client.get(address(run))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(address(run))
    for seed in range(6):
        sort_wafers(line.wafer_lot, "CP1", 9 - seed, seed=100 + seed)
    with CaptureQueriesContext(connection) as many:
        client.get(address(run))
    assert len(few) == len(many)


def test_a_replaced_run_says_so_wherever_it_is_shown(run: Run, as_role: AsRole) -> None:
    lot_step = run.lot_step
    parts = [Part(place=(0, 40 + n, 40), site=1 + n % 2) for n in range(12)]
    lot = lot_step.lot
    copies = [
        Session(
            lot_id=lot.pk,
            step_id=lot_step.step_id,
            product_id=lot.product_id,
            wafer_ids=[lot.wafers.earliest("number").pk],
            parts=parts[:count],
            hours=30,
            sha256=word * 64,
            is_partial=count < 12,
        )
        for word, count in (("d", 11), ("e", 12))
    ]
    cut, better = (record_run(session.record()) for session in copies)
    quality = as_role("Quality")
    page = quality.get(address(cut)).content.decode()
    assert f'<a href="{address(better)}">run {better.pk}, a.stdf</a>, a better copy' in page
    assert "a better copy" not in quality.get(address(better)).content.decode()
    for list_page in (f"/lots/{lot.code}", f"/lots/{lot.code}/results"):
        assert quality.get(list_page).content.decode().count("does not count") == 1
