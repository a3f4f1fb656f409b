"""What stands on hold, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lots.domain.commands import HoldOrder, Selection
from lots.domain.words import HoldClass, HoldScope
from lots.models import Hold, Lot
from lots.services import hold_lot, send_ahead
from operations.tests.line import NOW, Line, command, move, sort_wafers, wafer_lot
from quality.services import summarise_owed

pytestmark = pytest.mark.django_db


def held(code: str, reason: str = "scratch", **rest: object) -> Hold:
    order = HoldOrder(HoldClass.QUALITY, reason, **rest)  # type: ignore[arg-type]
    event = hold_lot(lot=Lot.objects.get(code=code), order=order, command=command(1))
    return Hold.objects.get(placed_by=event)


def sorted_lot(code: str, seed: int) -> None:
    lot = move(wafer_lot(code, 1, 60), "FAB WAT RCV BUMP CP1", 50)
    sort_wafers(lot, "CP1", 40, seed=seed)
    move(lot, "CP2", 30)


def test_the_board_compares_with_recent_good_lots(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    for number in range(2):
        sorted_lot(f"G{number}", number)
    summarise_owed(now=NOW)
    text = as_role("Quality").get("/holds").content.decode()
    row = text.split('<td class="sc-title">Edge ring at CP1')[1].split("</tr>")[0]
    assert "CP1, 3 lots" in row
    assert "Quality, nobody named" in row
    assert "3 wafers" in row


def test_what_a_pilot_says_stands_beside_the_hold(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    lot = Lot.objects.get(code="W7Q3")
    until = lot.route_version.steps.filter(sequence__gt=lot.step.sequence)[0]
    send_ahead(
        lot=lot, child_code="W7Q3.P", selection=Selection(wafers=(1,)),
        until_step_code=until.code, command=command(1),
    )  # fmt: skip
    client = as_role("Quality")
    said = f"Pilot W7Q3.P is at {lot.step.code}; {until.code} decides."
    for address in ("/holds", "/lots/W7Q3"):
        assert said in client.get(address).content.decode()
    assert "Pilot</span>" in client.get("/lots/W7Q3.P").content.decode()


def test_too_few_lots_are_no_comparison(line: Line, as_role: Callable[[str], Client]) -> None:
    text = as_role("Quality").get("/holds").content.decode()
    assert "(\u2014)" in text


def test_a_part_of_a_lot_and_an_overdue_decision_are_shown(
    line: Line, as_role: Callable[[str], Client]
) -> None:
    held("W7Q3", scope=HoldScope.WAFER, wafers=(1, 2), due_on=date(2026, 1, 1))
    text = as_role("Quality").get("/holds", {"q": "w7q3"}).content.decode()
    assert "wafers 1-2" in text
    assert "Overdue" in text
    assert "by 1 Jan 2026" in text
    assert "Edge ring" not in text


@pytest.mark.parametrize(
    ("query", "is_there"),
    [
        ({"hold_class": "quality"}, True),
        ({"hold_class": "engineering"}, False),
        ({"hold_class": "nonsense"}, True),
        ({"product": "TRN3-DIE"}, True),
        ({"product": "TRN2"}, False),
        ({"owner": "nobody"}, True),
        ({"owner": "me"}, False),
        ({"due": "past"}, False),
        ({"after": "x"}, True),
    ],
)
def test_the_board_is_narrowed_by_its_address(
    query: dict[str, str], is_there: bool, line: Line, as_role: Callable[[str], Client]
) -> None:
    text = as_role("Quality").get("/holds", query).content.decode()
    assert ("/lots/W7Q2" in text) is is_there
    assert ("No open hold fits" in text) is not is_there


def test_pages_of_the_board_begin_after_the_last_hold(
    line: Line, as_role: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    held("W7Q3")
    monkeypatch.setattr("operations.selectors.boards.PAGE_HOLDS", 1)
    client = as_role("Quality")
    first = client.get("/holds").content.decode()
    after = first.split("?after=")[1].split('"')[0]
    second = client.get("/holds", {"after": after}).content.decode()
    assert "/lots/W7Q2" in first
    assert "/lots/W7Q3" in second
    assert "?after=" not in second


def test_queries_do_not_grow_with_the_board(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    client.get("/holds")
    with CaptureQueriesContext(connection) as few:
        client.get("/holds")
    for code in ("W7Q1", "W7Q3", "AQ17", "SV03"):
        held(code)
    with CaptureQueriesContext(connection) as many:
        client.get("/holds")
    assert len(many) == len(few)


def test_picked_holds_are_released_together(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Quality")
    picked = [Hold.objects.get(lot__code="W7Q2").pk, held("W7Q3").pk]
    page = client.get("/holds/do/release", {"pick": picked}).content.decode()
    assert "Release: 2 holds" in page
    answers = {"pick": picked, "op_key": "page:h", "disposition": "use as is"}
    assert "This field is required" in client.post(
        "/holds/do/release", {**answers, "disposition": ""}
    ).content.decode()  # fmt: skip
    text = client.post("/holds/do/release", {**answers, "go": "try"}).content.decode()
    assert "All 2 would go through: use as is" in text
    assert Hold.objects.filter(released_at=None, pk__in=picked).count() == 2
    answer = client.post("/holds/do/release", {**answers, "go": "do"})
    assert answer["Location"] == "/holds"
    assert not Hold.objects.filter(released_at=None, pk__in=picked).exists()


def test_one_refusal_takes_all_releases_back(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Test engineer")
    role = Group.objects.get(name="Quality")
    picked = [Hold.objects.get(lot__code="W7Q2").pk, held("W7Q3", releasing_role_id=role.pk).pk]
    answers = {"pick": picked, "op_key": "page:h", "disposition": "use as is", "go": "do"}
    assert client.post("/holds/do/release", answers).status_code == 403
    assert Hold.objects.filter(released_at=None, pk__in=picked).count() == 2


def test_picked_holds_get_an_owner(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    hold = Hold.objects.get(lot__code="W7Q2")
    owner = User.objects.get(username="operator")
    answers = {"pick": hold.pk, "op_key": "page:o", "owner": owner.pk}
    asked = client.get("/holds/do/assign", {"pick": hold.pk}).context["act"]
    assert asked.title == "Assign owner"
    text = client.post("/holds/do/assign", {**answers, "go": "try"}).content.decode()
    assert "All 1 would go through: operator" in text
    client.post("/holds/do/assign", {**answers, "go": "do"})
    hold.refresh_from_db()
    assert hold.owner == owner
    assert "/lots/W7Q2" in client.get("/holds", {"owner": "me"}).content.decode()


def test_picked_holds_get_another_day(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    hold = held("W7Q3", due_on=date(2026, 1, 1))
    answers = {"pick": hold.pk, "op_key": "page:d", "go": "do"}
    past = client.post("/holds/do/date", {**answers, "due_on": "2026-01-02"}).content.decode()
    assert "This day is past" in past
    day = timezone.localdate() + timedelta(days=3)
    client.post("/holds/do/date", {**answers, "due_on": day.isoformat()})
    hold.refresh_from_db()
    assert hold.due_on == day
    client.post("/holds/do/date", {**answers, "due_on": ""})
    hold.refresh_from_db()
    assert hold.due_on is None


def test_refusals_on_the_board_are_plain(line: Line, as_role: Callable[[str], Client]) -> None:
    client = as_role("Operator")
    assert client.get("/holds/do/assign").status_code == 404
    assert client.get("/holds/do/nonsense").status_code == 404
    assert client.get("/holds/do/release").status_code == 403
