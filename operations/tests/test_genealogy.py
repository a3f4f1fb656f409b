"""Genealogy both ways: what stands, what ended, what is only declared; drawn, listed, as a file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from lots.domain.commands import (
    HoldOrder,
    Selection,
)
from lots.domain.words import HoldClass
from lots.models import Genealogy, Lot, Unit
from lots.selectors.genealogy import edges_around, lineage_of
from lots.services import hold_lot, split_lot
from operations.tests.line import NOW, Line, command, wafer_lot
from operations.tests.materials import cpus, retold, server_with
from operations.tests.swapping import swapped as swapped_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def swapped(line: Line) -> Unit:
    """The chip that left C0 of the first server a day ago, for the last of its lot."""
    server = line.server_lot.units.order_by("id")[0]
    return swapped_out(server.child_edges.get(position="C0"), line.chip_lot, days_ago=1)


@pytest.fixture
def auditor(line: Line, as_role: Callable[[str], Client]) -> Client:
    return as_role("Auditor")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_ended_edge_is_found_only_on_request(swapped: Unit) -> None:
    assert [edge.direction for edge in edges_around([swapped.pk])] == [-1, -1]
    (up,) = [edge for edge in edges_around([swapped.pk], is_closed_too=True) if edge.direction > 0]
    assert (up.serial, up.position, up.until) == ("SRV4-0000", "C0", NOW - timedelta(days=1))


def test_a_part_does_not_inherit_what_its_container_joined_later(line: Line, swapped: Unit) -> None:
    server = line.server_lot.units.order_by("id")[0]
    outer = Unit.objects.create(
        serial="US-1", kind="ultraserver", product=server.product, created_by=server.created_by
    )
    Genealogy.objects.create(
        parent=outer, child=server, position="S0", valid_from=NOW, opened_by=server.created_by
    )
    found = {edge.serial for edge in edges_around([swapped.pk], is_closed_too=True)}
    assert "SRV4-0000" in found
    assert "US-1" not in found


def test_lots_are_followed_back_through_split_and_assembly(line: Line) -> None:
    lot = wafer_lot("G1", 4, 20)
    split_lot(lot=lot, child_code="G1-A", selection=Selection(wafers=(4,)), command=command(2))
    assert [(row.parent, row.child, row.kind) for row in lineage_of(["SV03", "G1-A"])] == [
        ("G1", "G1-A", "split"),
        ("AQ17", "SV03", "assemble"),
        ("W7Q1", "AQ17", "assemble"),
    ]


def test_the_page_draws_lists_and_folds(auditor: Client) -> None:
    page = text_of(auditor.get("/units/SRV4-0000/genealogy"))
    assert 'aria-label="Genealogy of SRV4-0000"' in page
    assert 'aria-label="Origins of SRV4-0000, 5"' in page
    assert "T3-26-00000" in page
    assert "W7Q1" in page
    assert "Also what ended" in page


def test_ended_links_are_marked_with_their_interval(auditor: Client, swapped: Unit) -> None:
    page = text_of(auditor.get(f"/units/{swapped.serial}/genealogy?closed=1"))
    assert "1 Mar 2026 09:30 UTC" in page
    assert "sc-family-former" in page
    assert "Only what stands now" in page


def test_declared_origin_is_marked(auditor: Client, line: Line) -> None:
    part = Unit.objects.get(serial="T3-26-00001")
    Unit.objects.filter(pk=part.pk).update(trust="declared", declared_lot="MRVL-77")
    page = text_of(auditor.get("/units/SRV4-0000/genealogy"))
    assert "lot MRVL-77, as declared" in page


def test_a_unit_alone_says_so(auditor: Client, line: Line) -> None:
    Unit.objects.create(
        serial="LONE", kind="switch", product=line.chip_lot.product,
        created_by=line.chip_lot.events.order_by("seq")[0],
    )  # fmt: skip
    page = text_of(auditor.get("/units/LONE/genealogy"))
    assert "Built into nothing and built from nothing" in page
    assert "No lot is known" in page


def test_a_die_leads_to_its_wafer_and_lot(auditor: Client, line: Line) -> None:
    die = line.wafer_lot.units.filter(parent_edges__isnull=False).order_by("id")[0]
    page = text_of(auditor.get(f"/units/{die.serial}/genealogy"))
    assert f'href="/wafers/{die.wafer}/genealogy"' in page
    assert 'href="/lots/W7Q1/genealogy"' in page


def test_the_file_has_a_row_an_edge(auditor: Client, swapped: Unit) -> None:
    answer = auditor.get("/units/SRV4-0000/genealogy.csv?closed=1")
    rows = list(csv.DictReader(answer.content.decode("utf-8-sig").splitlines()))
    assert len([row for row in rows if row["link"] == "part"]) == 5 + 10
    ended = [row for row in rows if row["until"]]
    assert [row["serial"] for row in ended] == [swapped.serial]
    assert answer["Content-Disposition"] == 'attachment; filename="genealogy-SRV4-0000.csv"'


def test_no_cell_of_a_file_is_a_formula(auditor: Client, swapped: Unit) -> None:
    Unit.objects.filter(pk=swapped.pk).update(declared_lot="=1+1", declared_wafer="@A1")
    Unit.objects.filter(pk=swapped.pk, x__isnull=False).update(x=-3)
    page = auditor.get("/units/SRV4-0000/genealogy.csv?closed=1").content.decode()
    api = auditor.get("/api/v1/units/SRV4-0000/genealogy?closed=true&format=csv").content.decode()
    for text in (page, api):
        (row,) = [r for r in csv.DictReader(text.splitlines()) if r["serial"] == swapped.serial]
        assert (row["declared_lot"], row["declared_wafer"]) == ("'=1+1", "'@A1")
        assert not row["x"].startswith("'")


def test_the_api_tells_the_same_as_json_and_csv(auditor: Client, swapped: Unit) -> None:
    address = "/api/v1/units/SRV4-0000/genealogy?closed=true"
    body = auditor.get(address).json()
    assert len(body["edges"]) == 15
    assert {edge["direction"] for edge in body["edges"]} == {"down"}
    assert {row["parent"] for row in body["lineage"]} == {"AQ17", "W7Q1"}
    lines = auditor.get(f"{address}&format=csv").content.decode().splitlines()
    assert len(lines) == 1 + 15 + len(body["lineage"])


@pytest.mark.parametrize("query", ["closed=1", "format=xml", "deep=1"])
def test_the_api_refuses_what_it_does_not_know(query: str, auditor: Client) -> None:
    answer = auditor.get(f"/api/v1/units/SRV4-0000/genealogy?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("serial", ["SRV4-0000", "T3-26-00001"])
def test_the_page_takes_a_fixed_number_of_queries(
    serial: str, auditor: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        assert auditor.get(f"/units/{serial}/genealogy").status_code == 200


@pytest.fixture
def with_cpu(line: Line) -> Unit:
    """A server whose CPU came from lot CPU-A, in an UltraServer of its own."""
    cpus("CPU-A", 9)
    server = server_with(line, "SRV-A", "CPU-A")
    outer = Unit.objects.create(
        serial="US-A", kind="ultraserver", product=server.product, created_by=server.created_by
    )
    Genealogy.objects.create(
        parent=outer, child=server, position="S0", valid_from=NOW, opened_by=server.created_by
    )
    return server


def test_parts_without_serials_are_told_by_lot_everywhere(auditor: Client, with_cpu: Unit) -> None:
    for page in ("/units/SRV-A", "/units/SRV-A/genealogy", "/units/US-A", "/units/US-A/genealogy"):
        text = text_of(auditor.get(page))
        assert "Parts without serials" in text
        assert "CPU-A" in text
    rows = auditor.get("/units/US-A/genealogy.csv").content.decode().splitlines()
    told = [row.split(",") for row in rows if row.startswith("material,")]
    assert {(row[3], row[5], row[11], row[17]) for row in told} >= {
        ("SRV-A", "CPU-1", "CPU-A", "1")
    }
    assert "Parts without serials" not in text_of(auditor.get("/units/SRV4-0000"))


def test_a_hold_on_material_concerns_what_was_built_with_it(
    auditor: Client, with_cpu: Unit
) -> None:
    lot = Lot.objects.get(code="CPU-A")
    hold_lot(lot=lot, order=HoldOrder(HoldClass.QUALITY, "Cracks"), command=command(1))
    assert "Cracks" in text_of(auditor.get("/units/SRV-A"))


def test_the_api_tells_material_with_the_assembly_that_took_it(
    auditor: Client, with_cpu: Unit
) -> None:
    seq = with_cpu.created_by.seq
    for address in ("/api/v1/units/SRV-A/trace", "/api/v1/units/SRV-A/genealogy"):
        (told,) = auditor.get(address).json()["materials"]
        assert told.pop("occurred_at")
        assert told == {
            "serial": "SRV-A", "lot": "CPU-A", "product": "CPU-1", "quantity": 1, "seq": seq,
            "retold_seq": None,
        }  # fmt: skip


def test_every_door_tells_material_as_it_is_told_now(auditor: Client, with_cpu: Unit) -> None:
    cpus("CPU-B", 3)
    event = retold(with_cpu, "CPU-A", "CPU-B")
    for address in ("/units/SRV-A", "/units/SRV-A/genealogy", "/units/SRV-A/genealogy.csv"):
        text = text_of(auditor.get(address))
        assert "CPU-B" in text
        assert "CPU-A" not in text, address
    for address in ("/api/v1/units/SRV-A/trace", "/api/v1/units/SRV-A/genealogy"):
        (told,) = auditor.get(address).json()["materials"]
        assert (told["lot"], told["retold_seq"]) == ("CPU-B", event.seq)


def test_a_hold_concerns_what_is_told_to_hold_the_material_now(
    auditor: Client, with_cpu: Unit
) -> None:
    cpus("CPU-B", 3)
    hold_lot(
        lot=Lot.objects.get(code="CPU-B"),
        order=HoldOrder(HoldClass.QUALITY, "Cracks"),
        command=command(1),
    )
    assert "Cracks" not in text_of(auditor.get("/units/SRV-A"))
    retold(with_cpu, "CPU-A", "CPU-B")
    assert "Cracks" in text_of(auditor.get("/units/SRV-A"))


def test_material_can_be_asked_for_as_it_was_told_then(auditor: Client, with_cpu: Unit) -> None:
    cpus("CPU-B", 3)
    event = retold(with_cpu, "CPU-A", "CPU-B")
    built_at = with_cpu.created_by.occurred_at.isoformat().replace("+00:00", "Z")

    def told(query: str) -> list[tuple[str, int | None]]:
        answer = auditor.get(f"/api/v1/units/SRV-A/materials{query}")
        return [(one["lot"], one["retold_seq"]) for one in answer.json()["materials"]]

    assert told("") == told(f"?as_of_seq={event.seq}") == [("CPU-B", event.seq)]
    assert told(f"?as_of_seq={event.seq - 1}") == [("CPU-A", None)]
    assert told(f"?happened_by={built_at}") == [("CPU-B", event.seq)]
    assert told("?as_of_seq=1") == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("SRV-A/materials?as_of_seq=99999", 400),
        ("SRV-A/materials?as_of_seq=1&happened_by=2026-03-02T14:05:00Z", 400),
        ("SRV-A/materials?closed=true", 400),
        ("GHOST/materials", 404),
    ],
)
def test_material_of_no_moment_or_unit_is_refused(
    address: str, status: int, auditor: Client, with_cpu: Unit
) -> None:
    assert auditor.get(f"/api/v1/units/{address}").status_code == status
