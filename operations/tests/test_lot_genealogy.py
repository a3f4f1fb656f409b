"""Genealogy of lots and wafers: drawn with folds, as tables, as JSON and as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from lots.domain.commands import Selection
from lots.models import Lot, Unit
from lots.selectors import head_seq
from lots.selectors.genealogy import lineage_of
from lots.services import split_lot
from operations.selectors import genealogy
from operations.tests.line import Line, command, wafer_lot

pytestmark = pytest.mark.django_db
ALL = ["/lots/W7Q1/genealogy", "/lots/AQ17/genealogy", "/wafers/W7Q1-01/genealogy"]


@pytest.fixture
def auditor(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Auditor")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


def test_lots_are_followed_both_ways_with_what_each_gave(line: Line) -> None:
    found = lineage_of(["AQ17"], is_forward_too=True)
    dies = line.wafer_lot.units.filter(parent_edges__isnull=False).count()
    assert [(row.direction, row.parent, row.child, row.quantity) for row in found] == [
        (1, "AQ17", "SV03", line.server_lot.quantity * 4),
        (-1, "W7Q1", "AQ17", dies),
    ]


def test_a_split_tells_how_many_wafers_it_took(line: Line) -> None:
    lot = wafer_lot("G1", 4, 20)
    split_lot(lot=lot, child_code="G1-A", selection=Selection(wafers=(3, 4)), command=command(2))
    (link,) = lineage_of(["G1"], is_forward_too=True)
    assert (link.child, link.kind, link.quantity) == ("G1-A", "split", 2)


def test_the_page_of_a_lot_leads_to_wafers_lots_and_units(auditor: Client) -> None:
    page = text_of(auditor.get("/lots/W7Q1/genealogy"))
    assert 'aria-label="Genealogy of W7Q1"' in page
    assert 'href="/lots/AQ17/genealogy"' in page
    assert 'href="/units/' in page
    assert 'aria-expanded="false"' in page
    assert "/lots/W7Q1/genealogy.csv" in page


def test_units_of_a_lot_are_folded_at_first_and_shown_when_turned(
    auditor: Client, line: Line
) -> None:
    wafer = line.wafer_lot.wafers.earliest("number")
    address = f"/wafers/{wafer}/genealogy?only=drawing"
    first = text_of(auditor.get(address))
    count = wafer.dies.count()
    fold = f'aria-label="{count} {line.wafer_lot.product.code}"'
    assert fold in first
    turned = first.split(fold)[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    shown = text_of(auditor.get(f"/wafers/{wafer}/genealogy{turned}&only=drawing"))
    assert f'aria-label="and {count - 24:,} more"' in shown
    assert shown.count('href="/units/') == 24 + first.count('href="/units/')


def test_the_drawing_alone_comes_without_a_page(auditor: Client) -> None:
    page = text_of(auditor.get("/lots/W7Q1/genealogy?only=drawing"))
    assert page.startswith("<svg")
    assert page.endswith("</svg>")
    assert "only=" not in page


@pytest.mark.parametrize("address", [*ALL, "/lots/W7Q1/genealogy?only=drawing"])
def test_pages_take_a_fixed_number_of_queries(
    address: str, auditor: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        assert auditor.get(address).status_code == 200


@pytest.mark.parametrize("address", ALL)
def test_json_and_file_tell_every_link(address: str, auditor: Client) -> None:
    body = auditor.get(f"/api/v1{address}").json()
    page = rows_of(auditor.get(f"{address}.csv"))
    assert page == rows_of(auditor.get(f"/api/v1{address}?format=csv"))
    assert body["edges"]
    parts = {
        (row["parent"], row["child"], row["position"]) for row in page if row["link"] == "part"
    }
    assert parts == {(edge["parent"], edge["child"], edge["position"]) for edge in body["edges"]}
    lots = {(row["parent"], row["child"], row["link"]) for row in page if row["kind"] == "lot"}
    assert lots == {(link["parent"], link["child"], link["kind"]) for link in body["lineage"]}
    units = [row["child"] for row in page if row["direction"] == "of" and row["serial"]]
    assert units == [unit["serial"] for unit in body["units"]]


def test_every_row_says_by_which_event_and_how_many(auditor: Client, line: Line) -> None:
    rows = rows_of(auditor.get("/lots/AQ17/genealogy.csv"))
    link = next(row for row in rows if row["link"] == "assemble" and row["direction"] == "up")
    built = line.server_lot.events.earliest("seq")
    given = built.lines.get(lot=line.chip_lot, kind="consumed").quantity
    assert (link["quantity"], link["opened_seq"]) == (str(given), str(built.seq))
    part = next(row for row in rows if row["link"] == "part" and row["parent"] == "SRV4-0000")
    assert (part["quantity"], part["opened_seq"], part["closed_seq"]) == ("1", str(built.seq), "")


def test_what_is_only_declared_is_marked_everywhere(auditor: Client, line: Line) -> None:
    Unit.objects.filter(serial="T3-26-00001").update(trust="declared", declared_lot="MRVL-77")
    assert "lot MRVL-77, as declared" in text_of(auditor.get("/lots/AQ17/genealogy"))
    (row,) = [
        row
        for row in rows_of(auditor.get("/lots/AQ17/genealogy.csv"))
        if row["serial"] == "T3-26-00001" and row["direction"] == "of"
    ]
    assert (row["trust"], row["declared_lot"]) == ("declared", "MRVL-77")
    units = auditor.get("/api/v1/lots/AQ17/genealogy").json()["units"]
    assert [unit["serial"] for unit in units if unit["trust"] == "declared"] == ["T3-26-00001"]


def test_many_units_come_in_pages_and_the_file_has_all(
    auditor: Client, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genealogy, "UNITS_AT_ONCE", 5)
    serials = list(line.chip_lot.units.order_by("id").values_list("serial", flat=True))
    body = auditor.get("/api/v1/lots/AQ17/genealogy").json()
    assert (len(body["units"]), body["next_after"]) == (5, serials[4])
    more = auditor.get(f"/api/v1/lots/AQ17/genealogy?after={serials[4]}").json()
    assert [unit["serial"] for unit in more["units"]] == serials[5:10]
    page = text_of(auditor.get("/lots/AQ17/genealogy"))
    assert f'href="?after={serials[4]}"' in page
    rows = rows_of(auditor.get("/lots/AQ17/genealogy.csv"))
    assert [row["serial"] for row in rows if row["link"] == "lot" and row["serial"]] == serials
    edges = [(row["parent"], row["child"]) for row in rows if row["link"] == "part"]
    assert len(edges) == len(set(edges))


@pytest.fixture
def then(line: Line) -> int:
    """The last event before a wafer left its lot."""
    seq = head_seq()
    lot, part = line.wafer_lot, Selection(wafers=(3,))
    split_lot(lot=Lot.objects.get(pk=lot.pk), child_code="W7Q1.01", selection=part,
              command=command(0))  # fmt: skip
    return seq


def test_a_lot_is_told_as_it_was_known_at_an_event(auditor: Client, then: int) -> None:
    now = auditor.get("/api/v1/lots/W7Q1/genealogy").json()
    past = auditor.get(f"/api/v1/lots/W7Q1/genealogy?as_of_seq={then}").json()
    assert len(past["wafers"]) == len(now["wafers"]) + 1
    assert past["unit_count"] > now["unit_count"]
    assert "W7Q1.01" in {row["child"] for row in now["lineage"]}
    assert "W7Q1.01" not in {row["child"] for row in past["lineage"]}
    answer = auditor.get("/api/v1/lots/W7Q1.01/genealogy", {"as_of_seq": then})
    assert (answer.status_code, "was not there yet" in answer.json()["detail"]) == (404, True)


def test_a_wafer_is_told_in_the_lot_it_was_in(auditor: Client, then: int) -> None:
    address = "/api/v1/wafers/W7Q1-03/genealogy"
    assert auditor.get(address).json()["lot"] == "W7Q1.01"
    past = auditor.get(address, {"as_of_seq": then}).json()
    assert past["lot"] == "W7Q1"
    assert past["unit_count"] == auditor.get(address).json()["unit_count"] > 0
    before = auditor.get(address, {"as_of_seq": 1}).json()
    assert (before["lot"], before["unit_count"], before["edges"]) == ("W7Q1", 0, [])


def test_a_unit_is_told_in_the_lots_it_was_in(auditor: Client, line: Line, then: int) -> None:
    die = Unit.objects.filter(wafer__code="W7Q1-03", lot__code="W7Q1.01").earliest("id")
    address = f"/api/v1/units/{die.serial}/genealogy"
    now = auditor.get(address).json()["lineage"]
    assert [row["child"] for row in now] == ["W7Q1.01"]
    assert auditor.get(address, {"as_of_seq": then}).json()["lineage"] == []
    past = text_of(auditor.get(f"/units/{die.serial}/genealogy?as_of_seq={then}"))
    assert "W7Q1.01" not in past
    assert 'href="/lots/W7Q1"' in past
    before = text_of(auditor.get(f"/units/{die.serial}/genealogy?as_of_seq=1"))
    assert "No lot is known." in before


def test_parts_are_told_in_the_lots_they_were_in(auditor: Client, line: Line) -> None:
    chip = line.chip_lot.units.filter(parent_edges=None, state="good").earliest("id")
    serials = Selection(serials=(chip.serial,))
    seq = head_seq()
    split_lot(lot=Lot.objects.get(pk=line.chip_lot.pk), child_code="AQ17.01", selection=serials,
              command=command(0))  # fmt: skip
    die = chip.child_edges.earliest("id").child
    address = f"/api/v1/units/{die.serial}/genealogy"

    def lots(query: str) -> list[str]:
        edges = auditor.get(f"{address}{query}").json()["edges"]
        return [edge["lot"] for edge in edges if edge["serial"] == chip.serial]

    assert lots("") == ["AQ17.01"]
    assert lots(f"?as_of_seq={seq}") == ["AQ17"]


@pytest.mark.parametrize("address", ["lots/W7Q1", "wafers/W7Q1-03"])
def test_the_past_has_a_page_and_a_file(address: str, auditor: Client, then: int) -> None:
    query = f"?as_of_seq={then}"
    page = text_of(auditor.get(f"/{address}/genealogy{query}"))
    assert f"As known at event {then}" in page
    assert f"genealogy.csv{query}" in page
    told = auditor.get(f"/api/v1/{address}/genealogy{query}").json()
    file = rows_of(auditor.get(f"/{address}/genealogy.csv{query}"))
    assert (
        sum(row["link"] == "wafer" and row["direction"] == "of" for row in file)
        == (told["unit_count"])
    )
    assert "W7Q1.01" not in {row["child"] for row in file}


@pytest.mark.parametrize("address", ["lots/W7Q1", "wafers/W7Q1-03", "units/SRV4-0000"])
def test_an_event_to_come_is_refused_beside_what_stands_now(
    address: str, auditor: Client, then: int
) -> None:
    answer = auditor.get(f"/{address}/genealogy?as_of_seq=999999")
    assert answer.status_code == 400
    assert f"As known at event {then + 1:,}, the newest" in text_of(answer)
    assert auditor.get(f"/{address}/genealogy.csv?as_of_seq=999999").status_code == 400
    assert auditor.get(f"/api/v1/{address}/genealogy?as_of_seq=999999").status_code == 400
    assert auditor.get(f"/{address}/genealogy?as_of_seq=x").status_code == 200


@pytest.mark.parametrize(("lot", "queries"), [("W7Q1", 20), ("AQ17", 19)])
def test_the_past_takes_a_fixed_number_of_queries(
    lot: str, queries: int, auditor: Client, then: int, django_assert_num_queries: Any
) -> None:
    """One less where no wafer was in the lot."""
    with django_assert_num_queries(queries):
        auditor.get(f"/lots/{lot}/genealogy?as_of_seq={then}")


def test_units_of_the_past_come_in_pages_too(
    auditor: Client, then: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(genealogy, "UNITS_AT_ONCE", 7)
    first = auditor.get(f"/api/v1/lots/AQ17/genealogy?as_of_seq={then}").json()
    assert len(first["units"]) == 7
    file = rows_of(auditor.get(f"/lots/AQ17/genealogy.csv?as_of_seq={then}"))
    assert (
        len({row["serial"] for row in file if row["direction"] == "of" and row["serial"]})
        == (first["unit_count"])
    )


def test_a_lot_alone_says_so(auditor: Client) -> None:
    wafer_lot("LONE", 1, 3)
    page = text_of(auditor.get("/lots/LONE/genealogy"))
    assert "It came from no other lot" in page
    assert "No serialised units" in page
    assert "Built into nothing and built from nothing" in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("lots/GHOST/genealogy", 404),
        ("wafers/GHOST/genealogy", 404),
        ("lots/AQ17/genealogy?after=GHOST", 404),
        ("lots/AQ17/genealogy?closed=1", 400),
        ("lots/AQ17/genealogy?after=T3-26-00001&format=csv", 400),
    ],
)
def test_the_api_refuses_what_it_does_not_know(address: str, status: int, auditor: Client) -> None:
    assert auditor.get(f"/api/v1/{address}").status_code == status


def test_lot_and_wafer_pages_lead_to_their_genealogy(auditor: Client, line: Line) -> None:
    wafer = line.wafer_lot.wafers.earliest("number")
    assert 'href="/lots/W7Q1/genealogy"' in text_of(auditor.get("/lots/W7Q1"))
    assert f'href="/wafers/{wafer}/genealogy"' in text_of(auditor.get(f"/wafers/{wafer}"))
