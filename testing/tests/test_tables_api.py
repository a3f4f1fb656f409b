from __future__ import annotations

import csv
from dataclasses import replace
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from supplychain.base.tables import streamed
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import ProgramRevision, Run
from testing.selectors import tables
from testing.services import record_burn_in, record_run
from testing.tests.builders import START, Part
from testing.tests.conftest import Line
from testing.tests.test_record_burn_in import oven_load

RIGHTS = ["view_run", "view_unitresult", "view_readingsummary", "view_readingfile"]
RIGHTS += ["view_burninunit"]
TABLES = ["results", "summaries", "readings?number=100"]
PARAMETERS = (
    ParameterRecord(100, "idd", 0, ParameterKind.PARAMETRIC, "A"),
    ParameterRecord(200, "=vdd", 0, ParameterKind.PARAMETRIC, "V"),
)


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


@pytest.fixture
def two_runs(line: Line) -> None:
    """Seven insertions in two runs of chips, one of them not measured; four dies on a wafer."""
    first = [Part(part_id=f"C{n}", value=n / 10, site=1 + n % 2) for n in range(4)]
    again = [Part(part_id="C1", value=float("nan"), outcome=Outcome.FAIL)]
    again += [Part(part_id=f"C{n}", value=n / 10) for n in (2, 3)]
    record_run(line.tested(*first, sha256="a" * 64, parameters=PARAMETERS).record())
    record_run(line.tested(*again, sha256="b" * 64, hours=1, parameters=PARAMETERS).record())
    dies = [Part(place=(0, x, 0), outcome=Outcome.FAIL if x else Outcome.PASS) for x in range(4)]
    record_run(line.sorted(*dies, sha256="c" * 64).record())


def test_fallout_of_a_lot_stands_beside_what_is_allowed(line: Line, reader: Client) -> None:
    load = oven_load(line, "C1", "C2", "C3")
    failing = [replace(unit, outcome=Outcome.FAIL) for unit in load.units[:2]]
    record_burn_in(replace(load, units=(*failing, load.units[2])))
    (found,) = reader.get("/api/v1/burn-in-fallout?lot=AS-1&step=BI").json()["results"]
    del found["id"]
    assert found == {
        "lot": "AS-1", "step": "BI", "submitted": 3, "failed": 2, "allowed": 1,
        "failed_ratio_max": 0.05, "is_exceeded": True, "serials": ["C1", "C2"],
    }  # fmt: skip
    assert reader.get("/api/v1/burn-in-fallout?lot=OTHER").json()["results"] == []


def test_units_of_oven_loads_come_in_every_form(line: Line, reader: Client) -> None:
    record_burn_in(oven_load(line, "C1", "C2"))
    (first, second) = reader.get("/api/v1/burn-in-results?oven=OVEN-1").json()["results"]
    assert (first["serial"], first["chargeable_hours"], first["lot"]) == ("C1", 8.0, "AS-1")
    assert (second["serial"], second["failed_ratio_max"]) == ("C2", 0.05)
    for kind in ("csv", "parquet", "arrow"):
        rows = read(kind, body_of(reader.get(f"/api/v1/burn-in-results?format={kind}")))
        assert [row["serial"] for row in rows] == ["C1", "C2"]
        assert float(rows[0]["chargeable_hours"]) == 8.0
    assert reader.get("/api/v1/burn-in-results?oven=OTHER").json()["results"] == []


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def read(kind: str, body: bytes) -> list[dict[str, Any]]:
    """Rows of a file, in whichever format."""
    if kind == "csv":
        return list(csv.DictReader(StringIO(body.decode())))
    if kind == "parquet":
        return list(pq.read_table(BytesIO(body)).to_pylist())
    return list(pa.ipc.open_stream(body).read_all().to_pylist())


def all_pages(client: Client, address: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    while address:
        body = client.get(address).json()
        rows += body["results"]
        address = body["next"]
    return rows


@pytest.mark.parametrize("address", TABLES)
def test_pages_hold_every_row_once_however_they_are_cut(
    address: str, two_runs: None, reader: Client
) -> None:
    joint = "&" if "?" in address else "?"
    whole = reader.get(f"/api/v1/{address}{joint}limit=1000").json()
    assert whole["next"] is None
    assert len(whole["results"]) > 4
    assert all_pages(reader, f"/api/v1/{address}{joint}limit=2") == whole["results"]


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
@pytest.mark.parametrize("address", TABLES)
def test_files_hold_the_same_rows_as_pages(
    address: str, kind: str, two_runs: None, reader: Client
) -> None:
    joint = "&" if "?" in address else "?"
    rows = all_pages(reader, f"/api/v1/{address}")
    answer = reader.get(f"/api/v1/{address}{joint}format={kind}")
    found = read(kind, body_of(answer))
    assert answer["Content-Disposition"].endswith(f'.{kind}"')
    assert [list(row) for row in found] == [list(row) for row in rows]
    assert [str(row["run"]) for row in found] == [row["run"] for row in rows]


def test_readings_tell_what_was_not_measured_from_what_was(two_runs: None, reader: Client) -> None:
    rows = reader.get("/api/v1/readings?lot=AS-1&number=100").json()["results"]
    told = [(row["run"][0], row["part_index"], row["value"], row["outcome"]) for row in rows]
    assert told == [
        ("a", 0, 0.0, "pass"), ("a", 1, 0.1, "pass"), ("a", 2, 0.2, "pass"), ("a", 3, 0.3, "pass"),
        ("b", 0, None, "fail"), ("b", 1, 0.2, "pass"), ("b", 2, 0.3, "pass"),
    ]  # fmt: skip


def test_readings_are_narrowed_by_product_and_tester(two_runs: None, reader: Client) -> None:
    address, run = "/api/v1/readings?number=100", Run.objects.earliest("id")
    count = len(reader.get(address).json()["results"])
    product, tester = run.revision.program.product.code, run.tester.code
    both = f"{address}&product={product}&tester={tester}"
    assert 0 < len(reader.get(both).json()["results"]) < count
    for other in (f"{address}&product=NONE", f"{address}&product={product}&tester=NONE"):
        assert reader.get(other).json()["results"] == []


def test_all_tests_of_a_run_come_in_pieces(
    two_runs: None, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "READING_ROWS", 1)
    rows = all_pages(reader, f"/api/v1/readings?run={'a' * 64}&limit=3")
    assert [(row["number"], row["part_index"]) for row in rows] == [
        (number, part) for number in (100, 200) for part in range(4)
    ]


def test_a_piece_begins_after_the_last_row_of_the_one_before(
    two_runs: None, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = body_of(reader.get("/api/v1/results?format=csv"))
    monkeypatch.setattr(tables, "PIECE_ROWS", 2)
    assert body_of(reader.get("/api/v1/results?format=csv")) == whole


def test_results_are_filtered_by_what_decides_and_where(two_runs: None, reader: Client) -> None:
    def count(query: str) -> int:
        return len(reader.get(f"/api/v1/results?{query}").json()["results"])

    assert count("lot=AS-1") == 7
    assert count("lot=AS-1&final=true") == 4
    assert count(f"run={'c' * 64}&step=CP1") == 4
    assert count("wafer=none") == 0


def test_a_map_is_one_answer_in_any_format(two_runs: None, line: Line, reader: Client) -> None:
    here = f"/api/v1/wafers/{line.wafers[0].code}/map?step=CP1"
    dies = reader.get(here).json()["dies"]
    assert [(die["x"], die["outcome"]) for die in dies] == [
        (0, "pass"), (1, "fail"), (2, "fail"), (3, "fail"),
    ]  # fmt: skip
    assert read("arrow", body_of(reader.get(f"{here}&format=arrow"))) == dies


def test_no_formula_gets_into_a_csv(two_runs: None, reader: Client) -> None:
    body = body_of(reader.get("/api/v1/readings?number=200&format=csv"))
    assert b"'=vdd" in body


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("readings", 400),
        ("readings?number=x", 400),
        (f"readings?run={'0' * 256}", 400),
        ("readings?number=1&occurrence=99999", 400),
        ("readings?lot=AS-1&limit=0", 400),
        ("readings?lot=AS-1&cursor=abc", 400),
        ("readings?lot=AS-1&cursor=WzEsMl0", 400),
        ("readings?lot=AS-1&cursor=WyJhIiwxLDJd", 400),
        ("results?format=csv&limit=5", 400),
        ("results?format=xlsx", 400),
        ("results?final=maybe", 400),
        ("wafers/none/map?step=CP1", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    address: str, status: int, line: Line, reader: Client
) -> None:
    answer = reader.get(f"/api/v1/{address}")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_a_wafer_without_results_at_the_step_is_not_found(line: Line, reader: Client) -> None:
    assert reader.get(f"/api/v1/wafers/{line.wafers[0].code}/map?step=CP1").status_code == 404


@pytest.mark.parametrize("address", [*TABLES, "wafers/x/map?step=CP1"])
def test_tables_need_the_right(address: str, line: Line, client: Client) -> None:
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(f"/api/v1/{address}").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_stream_holds_one_piece_at_a_time(kind: str) -> None:
    schema = pa.schema([("n", pa.int64())])
    piece = pa.RecordBatch.from_arrays([pa.array(range(50_000))], schema=schema)
    asked: list[int] = []

    def pieces() -> Any:
        for number in range(40):
            asked.append(number)
            yield piece

    sizes, ahead = [], []
    for place, part in enumerate(streamed(pieces(), schema, kind)):
        sizes.append(len(part))
        ahead.append(len(asked) - place)
    assert max(ahead) <= 2
    assert max(sizes) < sum(sizes) / 10


def test_nothing_is_still_a_table() -> None:
    schema = pa.schema([("n", pa.int64())])
    assert read("parquet", b"".join(streamed(iter(()), schema, "parquet"))) == []
    assert read("arrow", b"".join(streamed(iter(()), schema, "arrow"))) == []


@pytest.mark.parametrize(
    ("state", "released", "retired", "told"),
    [
        ("unreleased", None, None, False),
        ("released", 0, None, True),
        ("released", 1, None, False),
        ("retired", None, None, True),
        ("retired", 0, 0, False),
        ("retired", -1, 1, True),
    ],
)
def test_results_and_runs_say_whether_their_program_was_released(
    line: Line, reader: Client, state: str, released: int | None, retired: int | None, told: bool
) -> None:
    record_run(line.tested(Part(part_id="C1", flag=1), Part(part_id="P2")).record())
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    signed = {"prepared_by": ann, "released_by": bob, "release_reason": "gold units"}
    at = {
        name: None if hours is None else START + timedelta(hours=hours)
        for name, hours in (("released_at", released), ("retired_at", retired))
    }
    ProgramRevision.objects.update(state=state, **at, **signed)
    first, second = reader.get("/api/v1/results").json()["results"]
    assert (first["program"], first["revision"], first["part_flag"]) == ("sort", "1", 1)
    assert (first["unit_key"], first["serial"], second["serial"]) == ("C1", "C1", None)
    streamed_rows = read("arrow", body_of(reader.get("/api/v1/results?format=arrow")))
    of_unit = reader.get("/api/v1/units/C1/results").json()["results"]
    of_runs = reader.get("/api/v1/runs").json()["results"]
    rows = [first, *streamed_rows, *of_unit, *of_runs]
    assert {row["is_released"] for row in rows} == {told}
