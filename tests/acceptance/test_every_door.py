"""Bad orders by every door: refused in words that say what to do, and nothing is half done.

Doors: a service call, POST to the API, a page's form, a row of a vendor's report, and such a report
handed in by a command. What a bulk job refuses stands in test_bulk_door.py.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from intake.domain.words import RowState
from intake.models import FeedRow, RawFile
from intake.tests.handing import loaded, wip, wip_row
from lots.domain.commands import Command, Selection
from lots.domain.words import Source
from lots.models import Event, EventLine, Hold, Lot, Unit
from lots.selectors.verifying import first_fault
from lots.services import merge_lots, record_bonus, scrap_units, split_lot
from lots.tests.making import chip_lot, counted_lot
from supplychain.base.errors import SupplychainError

pytestmark = pytest.mark.usefixtures("reference")

HUGE = 10**30
_keys = count(1)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked, as plain words and numbers. version, key: None for the right ones."""

    verb: str
    lot: str = "N1"
    quantity: Any = None
    serials: str = ""
    child: str = "N1.1"
    lots: str = ""
    reason: str = "handling"
    version: int | None = None
    key: str | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


FAULTS = {
    "unknown lot": Order(verb="scrap", lot="NOPE", quantity=1),
    "lot of odd letters": Order(verb="scrap", lot="N1\u202e\u0661", quantity=1),
    "no count": Order(verb="split"),
    "count of nothing": Order(verb="scrap", quantity=0),
    "negative count": Order(verb="scrap", quantity=-1),
    "fractional count": Order(verb="scrap", quantity=1.5),
    "count in words": Order(verb="scrap", quantity="ten"),
    "absurd count": Order(verb="scrap", quantity=HUGE),
    "negative bonus": Order(verb="bonus", quantity=-3, reason="found"),
    "split above what is there": Order(verb="split", quantity=11),
    "scrap above what is there": Order(verb="scrap", quantity=11),
    "child that is there": Order(verb="split", quantity=1, child="N2"),
    "serials of a counted lot": Order(verb="scrap", serials="M1-C0"),
    "serial of another lot": Order(verb="scrap", lot="M1", serials="N1-1"),
    "count of a serialised lot": Order(verb="split", lot="M1", quantity=1, child="M1.1"),
    "merge of unlike lots": Order(verb="merge", lots="M1"),
    "merge with itself": Order(verb="merge", lots="N1"),
    "merge with an unknown lot": Order(verb="merge", lots="NOPE"),
    "unknown verb": Order(verb="explode", quantity=1),
    "unknown reason": Order(verb="bonus", quantity=1, reason="because"),
    "NUL in a reason": Order(verb="scrap", quantity=1, reason="bro\0ken"),
}


LEAST = "Ensure this value is greater than or equal to 1."
WHOLE = "write a whole number without separators."
TWO_WAYS = "Name a quantity, or wafers, serials or bins: exactly one."


def says(text: str, **by_door: str) -> dict[str, str]:
    """The sentence that each door says: the same one, except where named."""
    by_door.setdefault("command", by_door.get("feed", text))
    return {**dict.fromkeys(("service", "api", "page", "feed"), text), **by_door}


SAYS = {
    "unknown lot": says("There is no lot NOPE"),
    "lot of odd letters": says("There is no lot N1\u202e\u0661"),
    "no count": says(TWO_WAYS, feed=f"quantity is ''; {WHOLE}"),
    "count of nothing": says(LEAST, feed="quantity must be 1 or more.",
                             service="quantity must be 1 or more."),
    "negative count": says(LEAST, feed=f"quantity is '-1'; {WHOLE}",
                           service="quantity must be 1 or more."),
    "fractional count": says("Enter a whole number.", feed=f"quantity is '1.5'; {WHOLE}",
                             api="A valid integer is required."),
    "count in words": says("Enter a whole number.", feed=f"quantity is 'ten'; {WHOLE}",
                           api="A valid integer is required."),
    "absurd count": says(f"{HUGE} cannot leave it.", feed=f"quantity is '{HUGE}'; {WHOLE}",
                         api="Ensure this value is less than or equal to"),
    "negative bonus": says(LEAST, feed=f"quantity is '-3'; {WHOLE}",
                           service="quantity must be from 1 to 10,000,000."),
    "split above what is there": says("Lot N1 has 10; 11 is no part to split off."),
    "scrap above what is there": says("Lot N1 has 10 switch; 11 cannot leave it."),
    "child that is there": says("Lot N2 exists already. Choose another code."),
    "serials of a counted lot": says("Lot N1 does not hold M1-C0.", page=TWO_WAYS),
    "serial of another lot": says("Lot M1 does not hold N1-1."),
    "count of a serialised lot": says("Lot M1 has serial numbers; say which.", page=TWO_WAYS),
    "merge of unlike lots": says("Only like lots merge."),
    "merge with itself": says("Name one or more other lots, each once."),
    "merge with an unknown lot": says("There is no lot NOPE"),
    "unknown verb": says("verb must be one of", page="Nobody can explode a lot on a page.",
                         feed="'explode' is no verb."),
    "unknown reason": says("because is no reason for bonus. Known: found", page="because is not"),
    "NUL in a reason": says("Null characters are not allowed.", page="Select a valid choice."),
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """text: the sentence for the person. is_refused: nothing was done, and it was said."""

    is_refused: bool
    text: str


Send = Callable[[Order], Answer]


class Doors:
    """The same order by every door."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.opened_at = timezone.now().isoformat()

    def service(self, order: Order) -> Answer:
        command = Command(f"door:{next(_keys)}", timezone.now(), Source.SYSTEM, reason=order.reason)
        lot = Lot.objects.filter(code=order.lot).first()
        serials = tuple(order.serials.split())
        assert lot is not None
        try:
            if order.verb in {"merge", "bonus"}:
                selection = Selection(quantity=1)
            else:
                selection = Selection(quantity=order.quantity, serials=serials)
            if order.verb == "split":
                split_lot(lot=lot, child_code=order.child, selection=selection, command=command)
            elif order.verb == "merge":
                others = [Lot.objects.get(code=code) for code in order.lots.split()]
                merge_lots(into=lot, lots=others, command=command)
            elif order.verb == "bonus":
                record_bonus(lot=lot, quantity=order.quantity, command=command)
            else:
                scrap_units(lot=lot, selection=selection, command=command)
        except SupplychainError as error:
            return Answer(True, error.detail)
        return Answer(False, "done")

    def api(self, order: Order) -> Answer:
        body = {"verb": order.verb, "reason": order.reason, "quantity": order.quantity,
                "serials": order.serials.split(), "child": order.child,
                "lots": order.lots.split(), "occurred_at": self.opened_at,
                **order.rest}  # fmt: skip
        wanted = {"split": "quantity serials child", "merge": "lots", "bonus": "quantity reason"}
        names = {*wanted.get(order.verb, "quantity serials reason").split(), *order.rest}
        sent = {
            name: value
            for name, value in body.items()
            if name in {"verb", "occurred_at"} or (name in names and value not in (None, []))
        }
        headers = {"Idempotency-Key": order.key or f"door:{next(_keys)}"}
        if order.version is not None:
            headers["If-Match"] = f'"{order.version}"'
        address = f"/api/v1/lots/{order.lot}/events"
        answer = self.client.post(address, sent, "application/json", headers=headers)
        if answer.status_code >= 400:
            assert answer.status_code < 500, answer.content
            assert answer.headers["Content-Type"] == "application/problem+json"
            problem = answer.json()
            assert problem["status"] == answer.status_code
            return Answer(True, f"{problem['detail']} {problem.get('fields', '')}")
        return Answer(False, answer.content.decode())

    def page(self, order: Order) -> Answer:
        lot = Lot.objects.filter(code=order.lot).first()
        version = order.version if order.version is not None else (lot.version if lot else 1)
        form = {
            "op_key": order.key or f"door:{next(_keys)}", "expected_version": version,
            "quantity": "" if order.quantity is None else order.quantity,
            "serials": order.serials, "child_code": order.child, "lots": order.lots,
            "reason": order.reason, "comment": "", "go": "do", **order.rest,
        }  # fmt: skip
        answer = self.client.post(f"/lots/{order.lot}/do/{order.verb}", form)
        text = answer.content.decode()
        if answer.status_code == 302:
            return Answer(False, "done")
        assert answer.status_code < 500, text
        return Answer(True, alert_of(text))

    def command(self, order: Order) -> Answer:
        """The report as a file that an operator hands in on the machine."""
        path = self.folder / "odm1.wip.csv"
        path.write_bytes(self.report(order))
        said = StringIO()
        call_command("ingest", str(path), "--wait", "--json", stdout=said)
        file = RawFile.objects.get()
        assert json.loads(said.getvalue())["file"] == path.name
        return self.became_of(file)

    def feed(self, order: Order) -> Answer:
        return self.became_of(loaded(self.report(order), "odm1.wip.csv"))

    def report(self, order: Order) -> bytes:
        quantity = "" if order.quantity is None else str(order.quantity)
        is_merge = order.verb == "merge"
        words = {"quantity": quantity, "serials": order.serials, "reason": order.reason,
                 "to_lot": order.lots if is_merge else order.child}  # fmt: skip
        if order.verb not in {"merge", "split"}:
            words.pop("to_lot")
        row = {**wip_row(order.verb, order.lot, 0, **words), "supplier": "ODM1"} | {
            name: value for name, value in order.rest.items() if name == "occurred_at"
        }
        return wip(row)

    def became_of(self, file: RawFile) -> Answer:
        found = FeedRow.objects.filter(file=file).first()
        if found is None:
            return Answer(file.state in {"rejected", "partial"}, file.message)
        return Answer(found.state in {RowState.WAITING, RowState.QUARANTINED}, found.reason)


def alert_of(page: str) -> str:
    """What the page says is wrong, as it is read out; it must say so once, as an alert."""
    found = re.findall(r'(?s)role="alert".*?<div>(.*?)</div>', page)
    assert len(found) == 1, page
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", found[0]).split()))


@pytest.fixture
def doors(client: Client, files_folder: Path) -> Doors:
    client.raise_request_exception = False
    client.force_login(User.objects.create_superuser("ada"))
    counted_lot("N1", quantity=10)
    counted_lot("N2", quantity=5)
    chip_lot("M1", chips=3)
    return Doors(client, files_folder)


def stand() -> tuple[object, ...]:
    """All that an order could have changed."""
    lots = list(Lot.objects.order_by("pk").values_list("code", "quantity", "version", "state"))
    rows = [model.objects.count() for model in (Event, EventLine, Hold)]
    units = list(Unit.objects.order_by("pk").values_list("serial", "lot__code", "state"))
    return lots, rows, units


def cases() -> Iterator[Any]:
    untyped = {"fractional count", "count in words", "unknown verb", "NUL in a reason",
               "unknown lot", "lot of odd letters", "merge with an unknown lot"}  # fmt: skip
    for name, order in FAULTS.items():
        for door in ("service", "api", "page", "feed", "command"):
            if door == "service" and name in untyped:
                continue  # its types do not let such an order be written
            if door in {"feed", "command"} and name == "NUL in a reason":
                continue  # a report with a NUL is refused whole; the readers' own tests have it
            yield pytest.param(order, door, SAYS[name][door], id=f"{name}, {door}")


@pytest.mark.parametrize(("order", "door", "sentence"), list(cases()))
def test_bad_order_is_refused_in_words_and_changes_nothing(
    order: Order, door: str, sentence: str, doors: Doors
) -> None:
    before = stand()
    answer = getattr(doors, door)(order)
    assert answer.is_refused, answer.text[:2000]
    assert sentence in answer.text
    assert stand() == before
    assert first_fault() is None


GOOD = Order(verb="scrap", quantity=1)


@pytest.mark.parametrize("door", ["service", "api", "page", "feed", "command"])
def test_the_same_order_done_well_goes_through_every_door(door: str, doors: Doors) -> None:
    assert not getattr(doors, door)(GOOD).is_refused
    assert Lot.objects.get(code="N1").quantity == 9


@pytest.mark.parametrize("door", ["api", "page"])
def test_order_on_a_lot_that_changed_meanwhile_is_refused(door: str, doors: Doors) -> None:
    seen = Lot.objects.get(code="N1").version
    doors.service(GOOD)
    before = stand()
    answer = getattr(doors, door)(Order(verb="scrap", quantity=1, version=seen))
    assert answer.is_refused
    assert f"Lot N1 is at version {seen + 1}, you saw {seen}. Read it again." in answer.text
    assert stand() == before


@pytest.mark.parametrize("door", ["api", "page"])
def test_key_used_again_for_another_order_is_refused(door: str, doors: Doors) -> None:
    version = Lot.objects.get(code="N1").version
    send: Send = getattr(doors, door)
    assert not send(Order(verb="scrap", quantity=1, key="mine", version=version)).is_refused
    before = stand()
    answer = send(Order(verb="scrap", quantity=2, key="mine"))
    assert answer.is_refused
    assert "was used before with other content. Use a new key." in answer.text
    assert stand() == before


@pytest.mark.parametrize("door", ["api", "page"])
def test_same_order_sent_twice_is_done_once(door: str, doors: Doors) -> None:
    version = Lot.objects.get(code="N1").version
    send: Send = getattr(doors, door)
    order = Order(verb="scrap", quantity=1, key="mine", version=version)
    assert not send(order).is_refused
    before = stand()
    assert not send(order).is_refused
    assert stand() == before


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"scrap"', "application/json"),
        (b"verb=scrap", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/json"),
        (b'{"verb": "scrap", "quantity": NaN}', "application/json"),
        (b'{"verb": "scrap", "quantity": 1, "colour": "red"}', "application/json"),
        (b'{"verb": "scrap", "quantity": 1, "occurred_at": "yesterday"}', "application/json"),
        (b'{"verb": "scrap", "quantity": 1, "occurred_at": "2026-02-30T00:00:00Z"}',
         "application/json"),
        (b'{"verb": "scrap", "quantity": 1, "reason": "' + b"x" * 100_000 + b'"}',
         "application/json"),
    ],
)  # fmt: skip
def test_body_that_is_no_order_is_a_problem_and_changes_nothing(
    body: bytes, kind: str, doors: Doors
) -> None:
    before = stand()
    headers = {"Idempotency-Key": "odd"}
    answer = doors.client.post("/api/v1/lots/N1/events", body, kind, headers=headers)
    assert 400 <= answer.status_code < 500, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert stand() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(method: str, doors: Doors) -> None:
    answer = getattr(doors.client, method)("/api/v1/lots/N1/events")
    assert answer.status_code == 405
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("door", "sentence"),
    [
        ("api", "lies ahead"),
        ("page", "This time is still to come. Leave it empty for now."),
        ("feed", "which lies ahead; it waits until then."),
        ("command", "which lies ahead; it waits until then."),
    ],
)
def test_what_lies_far_ahead_has_not_happened_by_any_door(
    door: str, sentence: str, doors: Doors, settings: Settings
) -> None:
    settings.AHEAD_MAX = timedelta(days=1)
    ahead = timezone.now() + timedelta(days=40)
    times = {"api": "occurred_at", "page": "happened_at"}
    rest = {times.get(door, "occurred_at"): ahead.isoformat()}
    if door == "page":
        rest |= {"hold_class": "quality", "hold_reason": "odd colour", "scope": "lot"}
    verb = "hold" if door == "page" else "scrap"
    before = stand()
    answer = getattr(doors, door)(Order(verb=verb, quantity=1, rest=rest))
    assert answer.is_refused
    assert sentence in answer.text
    assert stand() == before
