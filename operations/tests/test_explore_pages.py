from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lots.models import Lot
from operations.selectors.explore import Selection, sample
from operations.tests.line import Line, step
from testing.domain.records import ParameterRecord
from testing.domain.words import Outcome, ParameterKind
from testing.models import Parameter, Run
from testing.services import record_run
from testing.tests.builders import Part, Session

AsRole = Callable[[str], Client]


def measured(lot_code: str, sha256: str, start: float, *, of: str = "", **changes: Any) -> None:
    """Ten chips at two sites, from `start` upwards by a tenth; one was not measured.

    of: whose chips, where the file is a copy of another.
    """
    lot, name = Lot.objects.get(code=lot_code), of or sha256
    parts = [
        Part(part_id=f"{name}{n}", site=1 + n % 2, value=start + n / 10)
        for n in range(10)
    ]  # fmt: skip
    bad = Part(part_id=f"{name}x", value=float("nan"), outcome=Outcome.FAIL)
    given: dict[str, Any] = {"hours": 1, **changes}
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "FT-HOT").pk,
        product_id=lot.product_id,
        parts=[*parts, bad],
        sha256=sha256 * 64,
        parameters=(ParameterRecord(100, "vmin", 0, ParameterKind.PARAMETRIC, "V", 3, 0.5, 9.0),),
        **given,
    )
    record_run(session.record())


@pytest.fixture
def test_id(line: Line, db: None) -> int:
    measured("AQ17", "a", 1.0)
    measured("AQ17", "b", 2.0, revision="2", hours=2)
    return Parameter.objects.filter(text="vmin").earliest("pk").pk


def drawn(body: str) -> Any:
    found = re.search(r'<script id="drawn" type="application/json">(.*?)</script>', body, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


def test_a_test_is_found_by_a_part_of_its_name_or_its_number(test_id: int, as_role: AsRole) -> None:
    client = as_role("Quality")
    for query in ("q=vmi", "q=100", "q=100&product=TRN3"):
        assert f"?test={test_id + 1}" in client.get(f"/explore?{query}").content.decode()
    assert "No test fits" in client.get("/explore?q=nothing-like-it").content.decode()


def test_one_page_draws_every_revision_in_the_unit_of_the_test(
    test_id: int, as_role: AsRole
) -> None:
    body = as_role("Quality").get(f"/explore?test={test_id}").content.decode()
    found = drawn(body)
    (side,) = found["sides"]
    assert (found["unit"], found["limits"]) == ("mV", [500.0, 9000.0])
    assert sum(side["counts"]) + side["below"] + side["above"] == side["count"] == 20
    assert [(one["label"], one["count"]) for one in side["sites"]] == [("1", 10), ("2", 10)]
    assert [one["five"][2] for one in side["runs"]] == pytest.approx([1450.0, 2450.0])


def test_two_selections_are_compared_and_lots_too_few_are_said(
    test_id: int, as_role: AsRole
) -> None:
    query = f"/explore?test={test_id}&revision=1&revision_b=2"
    body = as_role("Quality").get(query).content.decode()
    assert "B against A" in body
    assert "1000 (" in body
    assert "inconclusive below three lots a side" in body


def test_a_site_alone_may_be_drawn(test_id: int, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"/explore?test={test_id}&site=2").content.decode()
    assert drawn(body)["sides"][0]["count"] == 10


def test_boxes_of_several_heads_are_by_head_and_site_and_a_head_alone_may_be_drawn(
    line: Line, as_role: AsRole
) -> None:
    lot = Lot.objects.get(code="AQ17")
    session = Session(
        lot_id=lot.pk,
        step_id=step(lot.route_version.route.code, "FT-HOT").pk,
        product_id=lot.product_id,
        parts=[Part(part_id=f"h{n}", head=1 + n % 2, value=1.0 + n) for n in range(8)],
    )
    record_run(session.record())
    test = Parameter.objects.get(text="idd", revision__program__code="sort")
    client = as_role("Quality")
    side = drawn(client.get(f"/explore?test={test.pk}").content.decode())["sides"][0]
    assert [(one["label"], one["count"]) for one in side["sites"]] == [("1/1", 4), ("2/1", 4)]
    body = client.get(f"/explore?test={test.pk}&head=2&site=1").content.decode()
    assert [one["label"] for one in drawn(body)["sides"][0]["sites"]] == ["1"]
    answer = client.get(f"/explore/readings.csv?test={test.pk}&head=2")
    assert b",2,1," in b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a_selection_without_values_says_so(test_id: int, as_role: AsRole) -> None:
    body = as_role("Quality").get(f"/explore?test={test_id}&lots=none").content.decode()
    assert "No value of this test fits." in body


def test_a_second_selection_without_values_is_drawn_empty(test_id: int, as_role: AsRole) -> None:
    answer = as_role("Quality").get(f"/explore?test={test_id}&lots_b=none")
    assert drawn(answer.content.decode())["sides"][1]["count"] == 0


@pytest.mark.parametrize(
    ("query", "status"),
    [("test=0", 404), ("test=x", 404), ("site=1000", 400), ("head=x", 400),
     ("insertions=some", 400),
     ("lots=" + "+".join("x" * 101), 400)],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(
    query: str, status: int, test_id: int, as_role: AsRole
) -> None:
    query = query if query.startswith("test") else f"test={test_id}&{query}"
    assert as_role("Quality").get(f"/explore?{query}").status_code == status


def file_of(client: Client, address: str) -> bytes:
    return b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]


def test_what_is_drawn_is_a_file_too(test_id: int, as_role: AsRole) -> None:
    client = as_role("Quality")
    query = f"test={test_id}&revision=1&revision_b=2"
    table = pq.read_table(BytesIO(file_of(client, f"/explore/readings.parquet?{query}")))
    assert table.num_rows == 22
    assert set(table.column("selection").to_pylist()) == {"A", "B"}
    lines = file_of(client, f"/explore/readings.csv?{query}").decode().splitlines()
    assert len(lines) == 23
    assert "AQ17" in lines[1]


def test_exploring_needs_the_right(test_id: int, as_role: AsRole) -> None:
    client = as_role("Finance")
    assert client.get("/explore").status_code == 403
    assert client.get(f"/explore/readings.csv?test={test_id}").status_code == 403


def test_more_runs_cost_no_more_queries(test_id: int, as_role: AsRole) -> None:
    client = as_role("Quality")
    client.get(f"/explore?test={test_id}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/explore?test={test_id}")
    for place, sha256 in enumerate("cdef"):
        measured("AQ17", sha256, 3.0, hours=3 + place)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/explore?test={test_id}")
    assert len(few) == len(many)


def test_a_run_that_a_better_copy_replaced_is_not_drawn(line: Line, db: None) -> None:
    measured("AQ17", "a", 1.0, rejected_count=2)
    measured("AQ17", "c", 1.0, of="a", is_partial=True)
    test = Parameter.objects.get(text="vmin")
    found = sample(test, Selection())
    assert (len(found.runs), len(found.value)) == (1, 10)
    assert found.runs[0].superseded_by is None


def bars_of(body: str, name: str) -> list[tuple[str, int]]:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', body)
    assert found is not None, f"no picture {name}"
    drawing = json.loads(found.group(1))
    return list(zip(drawing["labels"], drawing["counts"], strict=True))


def failing(lot_code: str, step_code: str, sha256: str, bins: dict[int, int]) -> None:
    """So many units in each failing bin, of which each also fails a test; one passes."""
    lot = Lot.objects.get(code=lot_code)
    parts = [
        Part(part_id=f"{sha256}{number}-{n}", outcome=Outcome.FAIL, hard_bin=number)
        for number, count in bins.items()
        for n in range(count)
    ]
    session = Session(
        lot_id=lot.pk,
        step_id=step("A", step_code).pk,
        product_id=lot.product_id,
        parts=[*parts, Part(part_id=f"{sha256}-good")],
        sha256=sha256 * 64,
        parameters=(ParameterRecord(7, "leak", 1, ParameterKind.PARAMETRIC, "A"),),
    )
    record_run(session.record())


def test_what_failed_is_summed_over_the_lots_that_are_named(line: Line, as_role: AsRole) -> None:
    failing("W7Q3", "CP2", "a", {5: 3, 6: 1})
    failing("W7Q2", "CP2", "b", {6: 4})
    client = as_role("Quality")
    body = client.get("/explore?lots=W7Q3+W7Q2&step=CP2").content.decode()
    assert bars_of(body, "hard-bins") == [("6", 5), ("5", 3)]
    assert bars_of(body, "failing-tests") == [("7 leak no. 2", 8)]
    one = client.get("/explore?lots=W7Q3&step=CP2").content.decode()
    assert bars_of(one, "hard-bins") == [("5", 3), ("6", 1)]


def test_bins_of_several_steps_are_told_apart(line: Line, as_role: AsRole) -> None:
    failing("W7Q3", "CP1", "a", {5: 2})
    failing("W7Q3", "CP2", "b", {5: 1})
    body = as_role("Quality").get("/explore?lots=W7Q3").content.decode()
    assert bars_of(body, "hard-bins") == [("TRN3-DIE CP1 5", 2), ("TRN3-DIE CP2 5", 1)]


def test_a_run_that_a_better_copy_replaced_fails_nothing(line: Line, as_role: AsRole) -> None:
    failing("W7Q3", "CP2", "a", {5: 3})
    failing("W7Q3", "CP2", "b", {5: 1})
    old, new = Run.objects.filter(source_sha256__in=["a" * 64, "b" * 64]).order_by("pk")
    Run.objects.filter(pk=old.pk).update(superseded_by=new)
    body = as_role("Quality").get("/explore?lots=W7Q3").content.decode()
    assert bars_of(body, "hard-bins") == [("5", 1)]


def test_lots_in_which_nothing_failed_say_so(line: Line, as_role: AsRole) -> None:
    client = as_role("Quality")
    assert "Nothing failed in these lots" in client.get("/explore?lots=NONE").content.decode()
    assert "What failed" not in client.get("/explore").content.decode()


def test_two_selections_are_paired_by_their_quantiles(test_id: int, as_role: AsRole) -> None:
    client = as_role("Quality")
    body = client.get(f"/explore?test={test_id}&revision=1&revision_b=2").content.decode()
    pairs = drawn(body)["pairs"]
    assert len(pairs) == 10
    assert all(second - first == pytest.approx(1000) for first, second in pairs)
    assert "Q\u2013Q, B against A" in body
    alone = client.get(f"/explore?test={test_id}").content.decode()
    assert "pairs" not in drawn(alone)
