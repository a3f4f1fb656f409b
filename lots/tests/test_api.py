from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lots.api.orders import ORDERS
from lots.domain.words import LotPurpose
from lots.models import Event, Lot
from lots.services import ship_lot
from lots.tests.making import (
    T0,
    again,
    built,
    chip_lot,
    chip_order,
    command,
    counted_lot,
    die_lot,
    good_units,
    hold,
    supplier,
    wafer_lot,
)

pytestmark = pytest.mark.usefixtures("catalogue")

RIGHTS = {verb: order.right.removeprefix("lots.") for verb, order in ORDERS.items()}


@pytest.fixture
def operator(db: None) -> User:
    user = User.objects.create_user("operator")
    codes = ["view_lot", "view_event", *RIGHTS.values()]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    return user


@pytest.fixture
def api(client: Client, operator: User) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture
def carry_out(api: Client) -> Callable[..., Any]:
    def post(
        lot: Lot, verb: str, key: str = "k1", headers: dict[str, str] | None = None, **body: Any
    ) -> Any:
        asked = {"verb": verb, "occurred_at": (T0 + timedelta(hours=1)).isoformat(), **body}
        sent = {"Idempotency-Key": key, **(headers or {})}
        address = f"/api/v1/lots/{lot.code}/events"
        return api.post(address, asked, "application/json", headers=sent)

    return post


def codes(answer: Any) -> list[str]:
    return [row["code"] for row in answer.json()["results"]]


def test_lots_come_newest_first(api: Client) -> None:
    counted_lot("N1"), counted_lot("N2")
    answer = api.get("/api/v1/lots")
    assert codes(answer) == ["N2", "N1"]
    assert answer.json()["results"][0]["step"] == "RCV"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=shipped", ["N2"]),
        ("purpose=engineering", ["N3"]),
        ("product=TRN3-DIE", ["W1"]),
        ("step=START", ["W1"]),
        ("supplier=TSMC", ["W1"]),
        ("on_hold=true", ["N1"]),
        ("on_hold=false&product=NSW-1", ["N3", "N2"]),
        ("q=N", ["N3", "N2", "N1"]),
        ("q=n1", []),
        ("limit=1", ["W1"]),
    ],
)
def test_lots_are_found_by(query: str, found: list[str], api: Client) -> None:
    hold(counted_lot("N1"))
    ship_lot(lot=counted_lot("N2"), to=supplier("OPS"), customer="", command=command())
    counted_lot("N3", purpose=LotPurpose.ENGINEERING)
    wafer_lot("W1")
    assert codes(api.get(f"/api/v1/lots?{query}")) == found


@pytest.mark.parametrize("query", ["colour=red", "state=melted", "limit=0", "cursor=zzz"])
def test_query_that_means_nothing_is_refused(query: str, api: Client) -> None:
    assert api.get(f"/api/v1/lots?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 5])
def test_list_takes_as_many_queries_for_five_lots_as_for_one(count: int, api: Client) -> None:
    for number in range(count):
        hold(wafer_lot(f"W{number}"))
    with CaptureQueriesContext(connection) as queries:
        api.get("/api/v1/lots")
    assert len(queries) == 5


def test_lot_shows_all_that_belongs_to_it(api: Client) -> None:
    lot = die_lot(wafers=2, dies=4, bad=1)
    built(chip_order("P1", good_units(lot)[:2]))
    hold(lot, "late finding")
    body = api.get("/api/v1/lots/W1").json()
    assert body["children"] == [{"lot": "P1", "kind": "assemble"}]
    assert [row["reason"] for row in body["holds"]] == ["late finding"]
    assert [row["code"] for row in body["wafers"]] == ["W1-01", "W1-02"]
    assert [row["verb"] for row in body["events"]] == ["hold", "assemble", "dice", "receive"]
    assert {(row["kind"], row["quantity"]) for row in body["quantities"]} == {
        ("consumed", 2), ("produced", 8), ("reject", 2),
    }  # fmt: skip
    assert api.get("/api/v1/lots/P1").json()["parents"] == [{"lot": "W1", "kind": "assemble"}]


def test_lots_version_is_its_etag(api: Client) -> None:
    hold(counted_lot())
    assert api.get("/api/v1/lots/N1").headers["ETag"] == '"2"'


def test_lot_page_takes_a_fixed_number_of_queries(api: Client) -> None:
    lot = die_lot()
    built(chip_order("P1", good_units(lot)[:4]))
    hold(lot)
    with CaptureQueriesContext(connection) as queries:
        api.get("/api/v1/lots/W1")
    assert len(queries) == 12


def test_unknown_lot_is_missing(api: Client) -> None:
    answer = api.get("/api/v1/lots/NOPE")
    assert (answer.status_code, answer.json()["code"]) == (404, "missing")


def test_stranger_sees_nothing(client: Client) -> None:
    counted_lot()
    addresses = ["lots", "lots/N1", "lots/N1/events", "events"]
    assert {client.get(f"/api/v1/{address}").status_code for address in addresses} <= {401, 403}


def test_ledger_is_read_to_its_end_page_by_page(api: Client) -> None:
    for number in range(5):
        counted_lot(f"N{number}")
    address, seen = "/api/v1/events?after_seq=0&limit=2", []
    while address:
        body = api.get(address).json()
        seen += [row["seq"] for row in body["results"]]
        address = body["next"]
    assert seen == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("query", ["after_seq=-1", "after_seq=x", "after_seq=9" + "9" * 19])
def test_place_in_the_ledger_is_a_number(query: str, api: Client) -> None:
    assert api.get(f"/api/v1/events?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 5])
def test_ledger_page_takes_a_fixed_number_of_queries(count: int, api: Client) -> None:
    for number in range(count):
        counted_lot(f"N{number}")
    with CaptureQueriesContext(connection) as queries:
        api.get("/api/v1/events")
    assert len(queries) == 6


def test_lots_own_events_come_newest_first(api: Client) -> None:
    hold(counted_lot("N1")), counted_lot("N2")
    body = api.get("/api/v1/lots/N1/events?limit=1").json()
    assert [row["verb"] for row in body["results"]] == ["hold"]
    assert [row["verb"] for row in api.get(body["next"]).json()["results"]] == ["receive"]


def test_verbs_are_carried_out(carry_out: Callable[..., Any]) -> None:
    lot = counted_lot("N1", quantity=10)
    other = counted_lot("N2")
    orders: list[tuple[str, dict[str, Any]]] = [
        ("merge", {"lots": ["N2"]}),
        ("split", {"child": "N1.1", "quantity": 4}),
        ("scrap", {"quantity": 1, "reason": "handling"}),
        ("hold", {"hold_class": "quality", "hold_reason": "count again"}),
        ("release", {"disposition": "use as is"}),
        ("move", {"to_step": "SFT", "reported_quantity": 15}),
        ("ship", {"to": "OPS", "customer": "Cloud"}),
        ("receive", {"to_step": "INSTALL", "custodian": "OPS", "counted_quantity": 15}),
    ]
    for verb, body in orders:
        if verb == "release":
            body["hold"] = lot.holds.get().pk
        answer = carry_out(lot, verb, key=verb, **body)
        assert (answer.status_code, answer.json()["verb"]) == (200, verb)
    lot = again(lot)
    assert (lot.quantity, lot.step.code, lot.custodian.code, lot.version) == (
        15,
        "INSTALL",
        "OPS",
        9,
    )
    assert again(other).state == "finished"


def test_serials_and_wafers_can_be_named(carry_out: Callable[..., Any]) -> None:
    chips, wafers = chip_lot(), wafer_lot()
    carry_out(chips, "scrap", key="a", serials=["M1-C1"], reason="handling")
    carry_out(wafers, "scrap", key="b", wafers=[2, 3], reason="handling")
    assert (again(chips).quantity, again(wafers).quantity) == (3, 1)


def test_event_says_who_asked_and_how(carry_out: Callable[..., Any], operator: User) -> None:
    lot = counted_lot()
    body = carry_out(lot, "move", to_step="SFT", headers={"X-Request-ID": "r-1"}).json()
    assert (body["actor"], body["source"], body["request_id"]) == ("operator", "api", "r-1")
    assert body["op_key"] == f"api:{operator.pk}:k1"


def test_repeated_post_gets_the_first_answer(carry_out: Callable[..., Any]) -> None:
    lot = counted_lot()
    first = carry_out(lot, "scrap", quantity=1, reason="handling")
    repeat = carry_out(lot, "scrap", quantity=1, reason="handling")
    assert (first.json(), again(lot).quantity) == (repeat.json(), 9)
    assert carry_out(lot, "scrap", quantity=2, reason="handling").status_code == 409


def test_old_etag_is_refused(carry_out: Callable[..., Any]) -> None:
    lot = counted_lot()
    match = {"If-Match": '"1"'}
    assert carry_out(lot, "move", key="a", headers=match, to_step="SFT").headers["ETag"] == '"2"'
    assert carry_out(lot, "move", key="b", headers=match, to_step="TRAY").status_code == 412
    assert carry_out(lot, "move", key="c", headers={"If-Match": "*"}, to_step="TRAY").json()


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("melt", {}, 400),
        ("dice", {}, 400),
        ("move", {}, 400),
        ("move", {"to_step": "SFT", "colour": "red"}, 400),
        ("move", {"to_step": "SFT", "occurred_at": "yesterday"}, 400),
        ("move", {"to_step": "MOON"}, 404),
        ("merge", {"lots": ["NOPE"]}, 404),
        ("release", {"hold": 987, "disposition": "fine"}, 404),
        ("ship", {"to": "NOBODY"}, 404),
        ("scrap", {"quantity": 1}, 400),
        ("scrap", {"reason": "handling"}, 400),
        ("scrap", {"reason": "handling", "quantity": 11}, 422),
    ],
)
def test_wrong_order_is_refused(
    verb: str, body: dict[str, Any], status: int, carry_out: Callable[..., Any]
) -> None:
    answer = carry_out(counted_lot(), verb, **body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status, "application/problem+json",
    )  # fmt: skip
    assert Event.objects.count() == 1


@pytest.mark.parametrize(("key", "match"), [("", ""), ("k" * 101, ""), ("k", '"old"')])
def test_headers_are_checked(key: str, match: str, carry_out: Callable[..., Any]) -> None:
    answer = carry_out(counted_lot(), "move", key, {"If-Match": match}, to_step="SFT")
    assert answer.status_code == 400


def test_body_must_be_an_object(api: Client) -> None:
    counted_lot()
    answer = api.post("/api/v1/lots/N1/events", [1], "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("verb", RIGHTS)
def test_every_verb_asks_for_its_right(
    verb: str, carry_out: Callable[..., Any], operator: User
) -> None:
    operator.user_permissions.remove(Permission.objects.get(codename=RIGHTS[verb]))
    answer = carry_out(counted_lot(), verb)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_order_for_an_unknown_lot_is_missing(carry_out: Callable[..., Any]) -> None:
    assert carry_out(Lot(code="NOPE"), "move", to_step="SFT").status_code == 404


@pytest.mark.parametrize("written", ["N6X/14", "N6X%2F14"])
def test_a_lot_with_a_slash_in_its_code_has_its_own_addresses(
    api: Client, carry_out: Callable[..., Any], written: str
) -> None:
    lot = counted_lot("N6X/14", quantity=10)
    answer = carry_out(lot, "scrap", reason="handling", quantity=1)
    assert answer.status_code == 200
    assert api.get(f"/api/v1/lots/{written}").json()["quantity"] == 9
    events = api.get(f"/api/v1/lots/{written}/events").json()["results"]
    assert [event["verb"] for event in events] == ["scrap", "receive"]
