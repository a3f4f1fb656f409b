"""The demo, small: every planted cause has its issue, the books balance, a slot leads to a die."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from finance.domain.words import Given
from finance.models import LedgerEntry
from finance.selectors.ledger import watermark
from finance.selectors.uninvoiced import UninvoicedAsked, uninvoiced
from finance.tasks import post_events
from finance.tests.posted import unnamed_postings
from finance.tests.readers import LEDGER, body, client_of
from intake.models import RawFile
from lots.domain.words import UnitKind
from lots.models import Event
from operations.management.demo.outcome import judged
from quality.models import Issue
from quality.services import summarise_owed
from quality.tasks import run_detectors, run_timed_detectors
from racks.models import Placement
from simulator.evaluate import FALSE_PER_TEN_LOTS_MAX, causes_of
from tests.acceptance.line.conftest import END_AT, UNMATCHED, Line

pytestmark = pytest.mark.django_db

CAUSES = {
    "bad-site",
    "edge-ring",
    "late-hold",
    "quantity-mismatch",
    "short-burn-in",
    "skipped-test",
    "stale-lot",
    "unreleased-program",
    "yield-above-plan",
}


@pytest.fixture
def reader(line: Line, db: None) -> Client:
    """A program with a token of the Finance role."""
    return client_of(User.objects.get(username="Finance"))


@pytest.fixture
def json_rows(reader: Client) -> list[dict[str, Any]]:
    """The whole ledger, page by page."""
    return list(pages(reader, f"{LEDGER}?limit=5000"))


def pages(reader: Client, url: str | None) -> Iterator[dict[str, Any]]:
    while url:
        answer = reader.get(url)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        yield from page["results"]
        url = page["next"]


def as_text(row: dict[str, Any]) -> dict[str, str]:
    words = {"True": "true", "False": "false", "None": ""}
    return {name: words.get(str(value), str(value)) for name, value in row.items()}


def trace(site: Client, path: str) -> dict[str, Any]:
    answer = site.get(f"/api/v1/{path}/trace")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_the_table_of_postings_names_every_line(line: Line) -> None:
    unnamed, verbs = unnamed_postings()
    assert not unnamed
    assert {"receive", "move", "ship", "dice", "assemble", "scrap"} <= verbs


def test_all_kinds_of_causes_are_planted(line: Line) -> None:
    assert {cause.id for cause in causes_of(line.truth)} == CAUSES


def test_every_planted_cause_has_its_issue(line: Line) -> None:
    assert judged(line.truth).missed == (), line.told


def test_at_most_one_issue_in_ten_lots_is_false(line: Line) -> None:
    verdict = judged(line.truth)
    assert verdict.lot_count >= 40
    assert verdict.false_per_ten_lots <= FALSE_PER_TEN_LOTS_MAX, verdict.false


def test_no_file_is_left_over(line: Line) -> None:
    states = Counter(RawFile.objects.exclude(name=UNMATCHED).values_list("state", flat=True))
    assert set(states) <= {"loaded", "partial"}, states
    assert states.total() <= line.truth["figures"]["files"]


def test_looking_again_raises_nothing_new(line: Line) -> None:
    before = list(Issue.objects.order_by("id").values_list("number", "state"))
    assert summarise_owed(now=timezone.now()) == 0
    assert run_detectors(is_settled=True) == 0
    assert run_timed_detectors(is_settled=True) == 0
    assert list(Issue.objects.order_by("id").values_list("number", "state")) == before


def test_event_ledger_proves_itself(line: Line) -> None:
    told = StringIO()
    call_command("verify_ledger", stdout=told)
    last = Event.objects.aggregate(seq=Max("seq"))["seq"]
    assert told.getvalue().startswith(f"{last} events: gapless")


def test_subledger_proves_itself(line: Line) -> None:
    told = StringIO()
    call_command("verify_subledger", stdout=told)
    assert told.getvalue().startswith(f"{LedgerEntry.objects.count()} rows: gapless")


def test_books_events_and_what_is_there_are_one(line: Line) -> None:
    told = StringIO()
    call_command("reconcile", stdout=told)
    assert "subledger = events = what is there." in told.getvalue()


@pytest.mark.parametrize("given", Given)
def test_goods_and_work_not_invoiced_make_up_their_accounts(line: Line, given: Given) -> None:
    found = uninvoiced(UninvoicedAsked(watermark(None).seq, END_AT.date(), given=given))
    assert len(found.rows) > 10
    assert found.proof.check == 0
    assert all(row.quantity > 0 for row in found.rows)


def test_every_transaction_sums_to_zero_in_money_and_in_each_unit(
    json_rows: list[dict[str, Any]],
) -> None:
    sums: dict[tuple[Any, str], Decimal] = defaultdict(Decimal)
    for row in json_rows:
        sums[row["transaction"], row["currency"]] += Decimal(row["amount"])
        sums[row["transaction"], row["unit_of_measure"]] += Decimal(row["quantity"])
    assert {key: total for key, total in sums.items() if total} == {}
    assert len(sums) > 100


def test_money_moves_at_every_stage(json_rows: list[dict[str, Any]]) -> None:
    stages = {row["stage"] for row in json_rows if Decimal(row["amount"]) > 0}
    assert {"good-die", "package", "server"} <= stages, stages


def test_csv_equals_json_row_for_row(reader: Client, json_rows: list[dict[str, Any]]) -> None:
    text = body(reader.get(LEDGER, {"format": "csv"})).decode()
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert rows == [as_text(row) for row in json_rows]


def test_posting_twice_changes_nothing(line: Line) -> None:
    before = list(LedgerEntry.objects.order_by("seq").values_list("seq", "sha256"))
    post_events()
    call_command("post_ledger", "--replay", stdout=StringIO())
    assert list(LedgerEntry.objects.order_by("seq").values_list("seq", "sha256")) == before


def servers_in_slots() -> list[tuple[str, int]]:
    rows = Placement.objects.filter(unit__kind=UnitKind.SERVER, valid_to=None)
    return list(rows.order_by("id").values_list("slot__rack__serial", "slot__number"))


def dies_in(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [node["unit"] for node in found["parts"] if node["unit"]["kind"] == "die"]


def test_every_slot_leads_to_dies_with_lot_wafer_and_place(line: Line, site: Client) -> None:
    slots = servers_in_slots()
    assert slots
    for rack, number in slots:
        dies = dies_in(trace(site, f"racks/{rack}/slots/{number}"))
        assert dies
        for die in dies:
            assert die["lot"] in line.truth["lots"]
            assert die["wafer"].startswith(f"{die['lot']}-")
            assert die["serial"] == f"{die['wafer']}:{die['x']}:{die['y']}"


def test_a_die_leads_back_to_its_slot(line: Line, site: Client) -> None:
    rack, number = servers_in_slots()[0]
    found = trace(site, f"racks/{rack}/slots/{number}")
    for die in dies_in(found)[::7]:
        back = trace(site, f"units/{die['serial']}")
        assert (back["placement"]["rack"], back["placement"]["slot"]) == (rack, number)
        assert found["unit"]["serial"] in {node["unit"]["serial"] for node in back["containers"]}


def test_one_page_shows_the_way_from_slot_to_die_and_back(line: Line, site: Client) -> None:
    rack, number = servers_in_slots()[0]
    found = trace(site, f"racks/{rack}/slots/{number}")
    die = dies_in(found)[0]
    page = site.get(f"/units/{found['unit']['serial']}").content.decode()
    assert rack in page
    assert die["serial"] in page
    back = site.get(f"/units/{die['serial']}").content.decode()
    assert all(word in back for word in [rack, die["lot"], die["wafer"]])
