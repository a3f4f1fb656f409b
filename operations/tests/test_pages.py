"""Every page answers with what it is there to show, in a fixed number of queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from lots.domain.commands import HoldOrder
from lots.domain.words import HoldClass, LotState
from lots.models import Lot
from lots.services import hold_lot
from operations.selectors.find import found_exactly
from operations.selectors.places import deployed_everywhere
from operations.tests.line import NOW, Line, command, finding, step
from quality.services import raise_findings
from racks.models import Rack, RackPlacement, RackPosition

pytestmark = pytest.mark.django_db


PAGES = {
    # address: (what it must show, queries)
    "/": ("Edge ring at CP1", 18),
    "/lots/W7Q1": ("Wafer maps at CP1", 23),
    "/lots/AQ17": ("16 packages made", 20),
    "/wafers/W7Q1-02": ("dies pass", 11),
    "/units/T3-26-00001": ("RK-0007, 1", 10),
    "/units/SRV4-0000": ("12 serialised parts", 10),
    "/issues": ("Final yield 41.2 % at CP1", 6),
    "/issues/Q-000001": ("Units behind it", 9),
    "/sites": ("PDX1", 6),
    "/sites/PDX1": ("RK-0007", 8),
    "/racks/RK-0007": ("SRV4-0001", 18),
    "/upload": ("Drop files here", 4),
    "/find?q=W7": ("W7Q1-01", 18),
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_shows_its_facts_in_a_fixed_number_of_queries(
    address: str, line: Line, as_role: Callable[[str], Client], django_assert_num_queries: Any
) -> None:
    shown, queries = PAGES[address]
    client = as_role("Administrator")
    with django_assert_num_queries(queries):
        answer = client.get(address)
    assert answer.status_code == 200
    assert shown in answer.content.decode()


def test_a_burn_in_page_shows_sockets_and_what_is_short(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Auditor").get(f"/burn-in/{line.burn_in.pk}").content.decode()
    assert "15 short of hours" in text
    assert "Board BIB-02" in text
    assert 'data-oven-log="oven-log"' in text
    assert "the sensor gave nothing" in text
    assert "names no read point" in text
    assert "No later log changed them" in text
    assert "As a table, hour by hour" in text


def test_the_home_of_a_role_leaves_out_what_it_may_not_see(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Finance").get("/").content.decode()
    assert "Late lots" in text
    assert "Waiting for my signature" in text
    assert "Files for a person" not in text
    assert "Final yield, latest lots" not in text


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("/issues/Q-000001/propose/scrap", "Finance"),
        ("/upload", "Auditor"),
        ("/wafers/W7Q1-01", "Finance"),
    ],
)
def test_a_page_without_the_right_is_refused(
    address: str, role: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role(role).get(address)
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("W7Q1", "/lots/W7Q1"),
        ("w7q1-02", "/wafers/W7Q1-02"),
        ("T3-26-00001", "/units/T3-26-00001"),
        ("q-000001", "/issues/Q-000001"),
        ("RK-0007", "/racks/RK-0007"),
        ("W7Q1-01:0:0", "/units/W7Q1-01:0:0"),
    ],
)
def test_a_scanned_name_goes_straight_to_its_page(
    text: str, address: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Administrator").get("/find", {"q": text})
    assert answer.status_code == 302
    assert answer["Location"] == address


def test_nothing_is_found_without_the_right(line: Line) -> None:
    assert found_exactly("W7Q1", User.objects.create_user("nobody")) is None


def test_the_search_dialog_finds_by_the_start_of_a_name(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Administrator").get("/admin/search/", {"s": "rk-", "extended": "1"})
    assert "RK-0007" in answer.content.decode()


def test_the_queue_is_narrowed_by_its_address(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert "Q-000002" not in client.get("/issues?severity=major").content.decode()
    assert "Q-000002" in client.get("/issues?severity=minor").content.decode()
    assert "Q-000001" not in client.get("/issues?state=closed").content.decode()
    assert "Q-000001" not in client.get("/issues?state=resolved").content.decode()
    assert "Q-000001" not in client.get("/issues?owner=me").content.decode()
    assert "Q-000001" in client.get("/issues?owner=nobody&q=yield").content.decode()
    assert "Q-000001" not in client.get("/issues?rule=stale-wip").content.decode()
    assert "Q-000001" not in client.get("/issues?page=2").content.decode()
    assert "Q-000001" in client.get("/issues?page=x").content.decode()


def test_the_sidebar_marks_the_line_of_the_page(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Operator").get("/lots/W7Q1").content.decode()
    lines = re.findall(r'<a href="([^"]+)" class="[^"]* active">', text)
    assert lines == ["/admin/lots/lot/"]
    assert "Subledger" not in text


def test_a_held_part_is_marked_in_its_rack(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    answers = {
        "hold_class": "quality",
        "hold_reason": "late news",
        "op_key": "k1",
        "comment": "",
        "go": "do",
    }
    client.post("/lots/AQ17/do/hold", answers)
    assert "parts of a held lot: late news" in client.get("/racks/RK-0007").content.decode()


def test_a_unit_page_warns_of_held_and_scrapped_material(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    client = as_role("Quality")
    quiet = client.get("/units/SRV4-0000").content.decode()
    assert "on hold:" not in quiet
    assert "Bin 5 above its limit" in quiet
    order = HoldOrder(HoldClass.QUALITY, "late news")
    hold_lot(lot=line.wafer_lot, order=order, command=command(1))
    Lot.objects.filter(code="AQ17").update(state=LotState.SCRAPPED)
    text = client.get("/units/SRV4-0000").content.decode()
    assert 'Holds material of <a href="/lots/W7Q1">W7Q1</a>, on hold: late news' in text
    assert 'Holds material of <a href="/lots/AQ17">AQ17</a>, scrapped' in text
    die = client.get("/units/W7Q1-01:0:0").content.decode()
    assert 'Is material of <a href="/lots/W7Q1">W7Q1</a>, on hold: late news' in die


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("page=2", "The queue has no page 2"),
        ("state=gone", "Issues have no such state"),
        ("severity=worst", "Issues have no such severity"),
    ],
)
def test_a_queue_that_cannot_be_is_not_found(
    query: str, words: str, line: Line, as_role: Callable[[str], Client]
) -> None:
    answer = as_role("Quality").get(f"/issues?{query}")
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_history_stands_above_long_evidence(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    text = client.get("/issues/Q-000001").content.decode()
    assert text.index('id="history"') < text.index("Evidence in detail")
    assert "sc-details" not in text
    rows = [{"wafer": number, "final_ratio": 0.4} for number in range(13)]
    short = finding(line.wafer_lot, step("A", "CP2"), "Many wafers")
    long = replace(short, evidence=replace(short.evidence, facts={"wafers": rows}))
    (issue,) = raise_findings(rule=line.issue.rule, findings=[long], now=NOW)
    assert "Wafers, 13 rows</summary>" in client.get(f"/issues/{issue.number}").content.decode()


def test_a_die_on_the_map_names_its_unit(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    assert "W7Q1-02:0:0" in client.get("/wafers/W7Q1-02/map.json").json()["serial"]
    assert set(client.get("/wafers/W7Q2-02/map.json").json()["serial"]) == {""}


def test_systems_of_a_site_are_counted_beside_its_chips(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    (site,) = deployed_everywhere().sites
    assert (site.system_count, site.chip_count) == (2, 8)
    assert "Systems" in as_role("Quality").get("/").content.decode()


def test_racks_of_a_site_are_read_page_by_page(
    line: Line, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operations.selectors.places.PAGE_RACKS", 1)
    monkeypatch.setattr("operations.selectors.places.COUNTED_MAX", 1)
    for serial, column in (("RK-0008", 71), ("RK-0009", 72)):
        stand(serial, column)
    client, seen, address, text = as_role("Quality"), [], "/sites/PDX1", ""
    for _ in range(3):
        text = client.get(address).content.decode()
        seen += re.findall(r'href="/racks/([^"]+)"', text)
        if found := re.search(r'href="\?after=(\d+)"', text):
            address = f"/sites/PDX1?after={found[1]}"
    assert (sorted(seen), len(set(seen))) == (["RK-0007", "RK-0008", "RK-0009"], 3)
    assert "over 10,000" in text


def stand(serial: str, column: int) -> None:
    """One more rack beside the line's own."""
    own = RackPlacement.objects.select_related("position").get(
        valid_to=None, rack__serial="RK-0007"
    )
    position = RackPosition.objects.create(
        hall=own.position.hall, code=serial, row=own.position.row, column=column
    )
    RackPlacement.objects.create(
        rack=Rack.objects.create(serial=serial), position=position, valid_from=NOW
    )
