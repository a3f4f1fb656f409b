from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from intake.domain.maps.document import read_map
from intake.domain.maps.grids import dies_of
from intake.models import RawFile
from lots.models import Lot
from operations.tests.line import Line, sort_wafers, step
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Parameter, Run, UnitResult
from testing.services import record_run
from testing.tests.builders import Part, Session

AsRole = Callable[[str], Client]
PASS, FAIL = Outcome.PASS, Outcome.FAIL
WAFER = "/wafers/W7Q2-01"


@pytest.fixture
def retested(line: Line, db: None) -> str:
    """A wafer of W7Q3 with dies that recovered, were lost, failed twice and passed; with values."""
    lot = Lot.objects.get(code="W7Q3")
    first = [
        Part(place=(0, 40, 40), outcome=FAIL, value=1.0),
        Part(place=(0, 41, 40), value=2.0),
        Part(place=(0, 42, 40), outcome=FAIL, value=3.0),
        Part(place=(0, 43, 40), value=4.0, site=2),
    ]
    again = [
        Part(place=(0, 40, 40), value=1.5),
        Part(place=(0, 41, 40), outcome=FAIL, value=2.5),
        Part(place=(0, 42, 40), outcome=FAIL, value=3.5),
    ]
    wafer = lot.wafers.order_by("number")[1]
    for hours, (sha256, parts) in enumerate([("a" * 64, first), ("b" * 64, again)]):
        session = Session(
            lot_id=lot.pk,
            step_id=step(lot.route_version.route.code, "CP2").pk,
            product_id=lot.product_id,
            wafer_ids=[wafer.pk],
            parts=parts,
            sha256=sha256,
            hours=hours,
            revision=str(hours),
            parameters=(
                ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A", 3, 0.5, 3.2),
            ),
        )
        record_run(session.record())
    return f"/wafers/{wafer.code}"


def test_a_map_tells_first_and_last_insertion_of_each_die(retested: str, as_role: AsRole) -> None:
    found = as_role("Quality").get(f"{retested}/map.json?step=CP2").json()
    words = found["outcomes"]
    told = [
        (x, words[first], words[last], attempts)
        for x, first, last, attempts in zip(
            found["x"], found["first"], found["outcome"], found["attempts"], strict=True
        )
    ]
    assert told == [
        (40, "fail", "pass", 2),
        (41, "pass", "fail", 2),
        (42, "fail", "fail", 2),
        (43, "pass", "pass", 1),
    ]
    assert {look["title"]: look["count"] for look in found["looks"]} == {
        "Bin 1, good": 2, "Bin 2": 2,
    }  # fmt: skip


def test_values_are_of_the_deciding_insertion_over_all_revisions(
    retested: str, as_role: AsRole
) -> None:
    test = Parameter.objects.filter(number=100, text="idd").earliest("pk")
    found = as_role("Quality").get(f"{retested}/values.json?step=CP2&test={test.pk}").json()
    assert (found["unit"], found["low"], found["high"]) == ("mA", 500.0, 3200.0)
    assert found["value"] == [1500.0, 2500.0, 3500.0, 4000.0]
    assert found["failed"] == [0, 1, 1, 0]
    assert found["unmeasured"] == 0


def test_values_over_a_lot_are_means_over_its_wafers(retested: str, as_role: AsRole) -> None:
    lot = Lot.objects.get(code="W7Q3")
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "CP2").pk,
        product_id=lot.product_id,
        wafer_ids=[lot.wafers.earliest("number").pk],
        parts=[Part(place=(0, 43, 40), value=5.0), Part(place=(0, 44, 40), value=float("nan"))],
        sha256="c" * 64,
    )
    record_run(session.record())
    test = Parameter.objects.filter(number=100, text="idd").earliest("pk")
    here = f"/lots/{lot.code}/values.json?step=CP2&test={test.pk}"
    found = as_role("Quality").get(here).json()
    at = found["x"].index(43)
    assert (found["value"][at], found["count"][at]) == (4500.0, 2)
    assert found["unmeasured"] == 1


def test_a_stacked_map_counts_fails_and_changes_at_each_place(
    retested: str, as_role: AsRole
) -> None:
    found = as_role("Quality").get("/lots/W7Q3/map.json?step=CP2").json()
    rows = list(
        zip(*(found[name] for name in ("x", "failed_first", "failed_last", "changed")), strict=True)
    )
    assert rows == [(40, 1, 0, 1), (41, 0, 1, 1), (42, 1, 1, 0), (43, 0, 0, 0)]


def test_a_map_is_a_file_of_dies_with_a_test_beside_them(retested: str, as_role: AsRole) -> None:
    test = Parameter.objects.filter(number=100, text="idd").earliest("pk")
    answer = as_role("Quality").get(f"{retested}/map.csv?step=CP2&test={test.pk}")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["x"], row["first_outcome"], row["100 idd A"]) for row in rows] == [
        ("40", "fail", "1.5"), ("41", "pass", "2.5"), ("42", "fail", "3.5"), ("43", "pass", "4.0"),
    ]  # fmt: skip


def test_a_stacked_map_is_a_file_too(retested: str, as_role: AsRole) -> None:
    body = as_role("Quality").get("/lots/W7Q3/map.csv?step=CP2").content.decode("utf-8-sig")
    assert body.splitlines()[:2] == ["x,y,tested,failed_first,failed_last,changed", "40,40,1,1,0,1"]


def test_the_e142_of_a_wafer_reads_back_as_its_results(line: Line, as_role: AsRole) -> None:
    answer = as_role("Quality").get(f"{WAFER}/map.xml?step=CP1")
    (read,) = read_map(BytesIO(answer.content)).maps
    results = UnitResult.objects.filter(
        wafer__code="W7Q2-01", lot_step__step__code="CP1", is_final=True
    )
    assert (read.substrate, read.name) == ("W7Q2-01", "CP1")
    assert {(die.x, die.y): int(die.code) for die in dies_of(read.grid)} == {
        (x, y): number for x, y, number in results.values_list("x", "y", "hard_bin")
    }


@pytest.mark.parametrize("address", [WAFER, "/lots/W7Q2/map"])
def test_a_map_page_names_its_layers(address: str, line: Line, as_role: AsRole) -> None:
    body = as_role("Quality").get(address).content.decode()
    assert "data-layer" in body
    assert "By tester site" in body


def test_a_wafer_without_results_says_so(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "no results by position yet" in client.get("/wafers/W7Q3-01").content.decode()
    assert "No results by wafer position" in client.get("/lots/W7Q3/map").content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/wafers/none/map.json",
        f"{WAFER}/map.json?step=none",
        "/wafers/W7Q3-01/map.xml",
        f"{WAFER}/values.json?test=0",
        f"{WAFER}/values.json?test=x",
        "/lots/none/map",
    ],
)
def test_what_is_not_there_is_not_found(address: str, line: Line, as_role: AsRole) -> None:
    assert as_role("Quality").get(address).status_code == 404


@pytest.mark.parametrize("address", [WAFER, f"{WAFER}/map.json", "/lots/W7Q2/map.json"])
def test_maps_need_the_right_to_see_results(address: str, line: Line, as_role: AsRole) -> None:
    assert as_role("Finance").get(address).status_code == 403


def test_a_map_costs_the_same_however_many_runs_there_are(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    client.get(WAFER)
    with CaptureQueriesContext(connection) as few:
        client.get(WAFER)
        client.get(f"{WAFER}/map.json")
    for seed in range(4):
        sort_wafers(line.wafer_lot, "CP1", 5 - seed, seed=200 + seed)
    with CaptureQueriesContext(connection) as many:
        client.get(WAFER)
        client.get(f"{WAFER}/map.json")
    assert len(few) == len(many)


def filed(run: Run, **layout: object) -> None:
    """The run came from a file whose WCR says so."""
    RawFile.objects.create(
        sha256=run.source_sha256,
        size=1,
        name=run.source_name,
        kind="stdf",
        storage_path=run.source_sha256,
        run=run,
        summary={"wafer_layout": layout},
    )


def test_a_map_lies_as_the_file_says(retested: str, as_role: AsRole) -> None:
    first, second = Run.objects.filter(source_sha256__in=["a" * 64, "b" * 64]).order_by("pk")
    filed(first, flat="L", x="L", y="U", die_width_mm=26.0, die_height_mm=33.0)
    filed(second, flat=" ", x="", y="")
    text = as_role("Quality").get(f"{retested}?step=CP2").content.decode()
    assert 'data-notch="L" data-x="L" data-y="U"' in text
    assert "Notch or flat left; X grows to the left, Y grows upwards." in text
    assert "26 \u00d7 33 mm" in text


def test_files_that_differ_leave_the_notch_unknown(retested: str, as_role: AsRole) -> None:
    runs = Run.objects.filter(source_sha256__in=["a" * 64, "b" * 64])
    for run, flat in zip(runs, "LR", strict=True):
        filed(run, flat=flat, x="R", y="D")
    client = as_role("Quality")
    text = client.get(f"{retested}?step=CP2").content.decode()
    assert "Notch not recorded; X grows to the right, Y grows downwards." in text
    small = client.get("/lots/W7Q3?step=CP2").content.decode()
    assert "Notch not recorded" in small
    assert "sc-wafer-notch" not in small


def test_a_stack_is_a_file_with_the_mean_of_a_test(retested: str, as_role: AsRole) -> None:
    test = Parameter.objects.filter(text="idd").earliest("pk")
    client = as_role("Quality")
    answer = client.get(f"/lots/W7Q3/map.csv?step=CP2&test={test.pk}")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["x"], row["tested"], row["failed_last"]) for row in rows] == [
        ("40", "1", "0"), ("41", "1", "1"), ("42", "1", "1"), ("43", "1", "0"),
    ]  # fmt: skip
    means = [float(row[f"mean {test} A"]) for row in rows]
    assert means == pytest.approx([1.5, 2.5, 3.5, 4.0])
    assert [(row["values"], row["failed_values"]) for row in rows][2] == ("1", "1")
    plain = client.get("/lots/W7Q3/map.csv?step=CP2").content.decode("utf-8-sig")
    assert plain.splitlines()[0] == "x,y,tested,failed_first,failed_last,changed"
