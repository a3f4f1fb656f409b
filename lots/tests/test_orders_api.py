"""Every verb over HTTP, shown first and carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from lots.api.orders import ORDERS
from lots.domain.errors import WrongStateError
from lots.models import Event, Lot, Product
from lots.selectors.verifying import first_fault
from lots.services import answered, bank_lot, reroute_lot
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
    material_lot,
    wafer_lot,
)
from lots.tests.routing import released_route

pytestmark = pytest.mark.usefixtures("catalogue")

Post = Callable[..., Any]


@pytest.fixture
def api(client: Client, db: None) -> Client:
    user = User.objects.create_user("operator")
    rights = {order.right.removeprefix("lots.") for order in ORDERS.values()}
    codes = ["view_lot", "view_event", *rights]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(user)
    return client


@pytest.fixture
def post(api: Client) -> Post:
    def send(code: str, verb: str, query: str = "", headers: Any = None, /, **body: Any) -> Any:
        address = f"/api/v1/lots/{code}/events" if code else "/api/v1/lots"
        sent = {"Idempotency-Key": body.pop("key", verb), **(headers or {})}
        asked = {"verb": verb, "occurred_at": (T0 + timedelta(hours=1)).isoformat(), **body}
        return api.post(f"{address}{query}", asked, "application/json", headers=sent)

    return send


WAYS: list[tuple[str, dict[str, Any]]] = [
    ("track-in", {"equipment": "T-01"}),
    ("track-out", {"losses": [{"reason": "handling", "quantity": 2}]}),
    ("loss", {"quantity": 1, "reason": "missing"}),
    ("bonus", {"quantity": 1, "reason": "found"}),
    ("bank", {}),
    ("unbank", {}),
    ("amend", {"is_hot": True, "due_on": None, "customer": "Cloud", "purpose": "risk-production",
               "reason": "agreed"}),
    ("rework-out", {"route": "POLISH", "step": "STRIP", "return_step": "SFT",
                    "reason": "contact"}),
    ("rework-in", {"to_step": ""}),
    ("send-ahead", {"child": "N1.P", "quantity": 1, "until_step": "PORT"}),
]  # fmt: skip


def test_verbs_of_a_lots_life_go_over_http(post: Post) -> None:
    released_route("POLISH", {"code": "STRIP"}, is_rework=True)
    counted_lot(due_on=T0.date())
    for verb, body in WAYS:
        answer = post("N1", verb, **body)
        assert answer.status_code == 200, answer.content
    lot = Lot.objects.get(code="N1")
    assert (lot.quantity, lot.step.code, lot.customer, lot.due_on) == (7, "SFT", "Cloud", None)
    assert (lot.holds.count(), Lot.objects.get(code="N1.P").is_pilot) == (1, True)
    assert first_fault() is None


def test_route_is_changed_and_the_change_undone(post: Post) -> None:
    lot = counted_lot()
    released_route("D", {"code": "SCAN"})
    body = {"route": "D", "version": 2, "to_step": "SCAN", "reason": "new version"}
    seq = post("N1", "reroute", **body).json()["seq"]
    answer = post("N1", "correct", seq=seq, reason="too early")
    assert (answer.json()["corrects"] is None, again(lot).step.code) == (False, "RCV")


def test_units_are_binned_down_and_swapped(post: Post) -> None:
    Product.objects.create(code="TRN2-LITE", name="Lite", family="Trn2", kind="package")
    chip_lot()
    body = {"child": "LOW", "product": "TRN2-LITE", "serials": ["M1-C0"], "reason": "speed"}
    assert post("M1", "bin", **body).status_code == 200
    built(chip_order("P1", good_units(die_lot(wafers=1, dies=4))[:2]))
    body = {"parent": "P1-P0", "position": "D0", "new_serial": "W1-01:2:0", "returned_lot": "RMA"}
    answer = post("P1", "swap", **body)
    assert (answer.json()["lot"], answer.headers["ETag"]) == ("RMA", '"2"')


def test_wafers_are_diced_and_packages_assembled(post: Post) -> None:
    wafer_lot(step="DICE", wafers=1)
    dies = [{"wafer": 1, "x": x, "y": 0, "is_good": True} for x in range(4)]
    assert post("W1", "dice", die_product="TRN3-DIE", dies=dies).status_code == 200
    parts = [{"serial": f"W1-01:{x}:0", "position": f"D{x}"} for x in range(4)]
    new = {"code": "P1", "product": "TRN3", "route": "A", "step": "COWOS", "custodian": "OSAT1"}
    builds = [{"serial": "P1-0", "parts": parts[:2]}]
    assert post("", "assemble", **new, builds=builds).status_code == 201
    more = [{"serial": "P1-1", "parts": parts[2:]}]
    assert post("P1", "assemble", key="more", builds=more).status_code == 200
    assert Lot.objects.get(code="P1").quantity == 2


def test_an_assembly_names_the_lots_of_parts_without_serials(post: Post) -> None:
    die_lot(wafers=1, dies=4), material_lot("HBM 1/A", 9)
    parts = [{"serial": f"W1-01:{x}:0", "position": f"D{x}"} for x in range(4)]
    new = {"code": "P1", "product": "TRN3", "route": "A", "step": "COWOS", "custodian": "OSAT1"}
    body = {**new, "builds": [{"serial": "P1-0", "parts": parts[:2]}]}
    wrong = post("", "assemble", **body, materials=[{"lot": "HBM 1/A", "quantity": 5}], key="w")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bill")
    none = post("", "assemble", **body, materials=[{"lot": "HBM 1/A", "quantity": 0}], key="0")
    assert none.status_code == 400
    given = [{"lot": "HBM 1/A", "quantity": 4}]
    many = [{"lot": f"X{number}", "quantity": 4} for number in range(101)]
    assert post("", "assemble", **body, materials=many, key="many").status_code == 400
    assert post("", "assemble", **body, materials=given).status_code == 201
    more = [{"serial": "P1-1", "parts": parts[2:]}]
    assert post("P1", "assemble", key="more", builds=more, materials=given).status_code == 200
    assert Lot.objects.get(code="HBM 1/A").quantity == 1


def test_material_of_an_assembly_is_told_anew_over_http(post: Post) -> None:
    die_lot(wafers=1, dies=2), material_lot("HBM-1", 4), material_lot("HBM-2", 9)
    parts = [{"serial": f"W1-01:{x}:0", "position": f"D{x}"} for x in range(2)]
    new = {"code": "P1", "product": "TRN3", "route": "A", "step": "COWOS", "custodian": "OSAT1"}
    body = {**new, "builds": [{"serial": "P1-0", "parts": parts}]}
    built = post("", "assemble", **body, materials=[{"lot": "HBM-1", "quantity": 4}]).json()
    change = {"returned_to": "HBM-1", "issued_from": "HBM-2", "quantity": 3}
    order = {"assembly": built["seq"], "changes": [change], "reason": "wrong-lot"}
    old = post("P1", "reissue", "", {"If-Match": '"7"'}, **order, key="old")
    assert old.status_code == 412
    unsaid = post("P1", "reissue", **{**order, "reason": "exchanged"}, key="unsaid")
    assert (unsaid.status_code, unsaid.json()["code"]) == (422, "reason")
    tried = post("P1", "reissue", "?preview=1", **order)
    assert {one["code"]: one["quantity"] for one in tried.json()["after"]} == {
        "P1": 1, "HBM-1": 3, "HBM-2": 6,
    }  # fmt: skip
    assert Lot.objects.get(code="HBM-2").quantity == 9
    answer = post("P1", "reissue", "", {"If-Match": '"1"'}, **order)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json()["payload"]["materials"] == {"HBM-1": 1, "HBM-2": 3}
    assert post("P1", "reissue", "", {"If-Match": '"1"'}, **order).json() == answer.json()
    assert Lot.objects.get(code="HBM-2").quantity == 6


REISSUED = {"returned_to": "HBM-1", "issued_from": "HBM-2", "quantity": 1}
NEW = {
    "code": "M9", "kind": "part", "product": "TRN2", "route": "B", "step": "STOCK",
    "custodian": "ODM1", "unit_of_measure": "package", "quantity": 2, "serials": ["S1", "S2"],
    "declarations": [{"serial": "S1", "lot": "V7"}], "trust": "declared",
}  # fmt: skip


def test_lot_is_received_over_http(post: Post) -> None:
    first = post("", "receive", **NEW)
    assert (first.status_code, first.headers["ETag"], first.json()["lot"]) == (201, '"1"', "M9")
    assert Lot.objects.get(code="M9").units.get(serial="S1").declared_lot == "V7"
    assert post("", "receive", **NEW).json() == first.json()
    assert post("", "receive", key="other", **NEW).status_code == 409


@pytest.mark.parametrize(
    ("code", "verb", "body", "status"),
    [
        ("", "ship", {}, 400),
        ("", "receive", {}, 400),
        ("", "receive", {**NEW, "route": "Z"}, 404),
        ("", "receive", {**NEW, "quantity": 3}, 422),
        ("N1", "track-out", {}, 422),
        ("N1", "track-out", {"losses": [{"reason": "x", "quantity": -1}]}, 400),
        ("N1", "track-out", {"losses": [{"reason": "x", "quantity": 1.5}]}, 400),
        ("N1", "loss", {"quantity": 1, "reason": "luck"}, 422),
        ("N1", "unbank", {}, 422),
        ("N1", "amend", {}, 400),
        ("N1", "amend", {"is_hot": False}, 422),
        ("N1", "rework-in", {}, 422),
        ("N1", "reroute", {"route": "D", "version": 9, "to_step": "X", "reason": "y"}, 404),
        ("N1", "correct", {"seq": 99, "reason": "y"}, 404),
        ("N1", "swap", {"parent": "G", "position": "1", "new_serial": "H", "returned_lot": "R"},
         404),
        ("N1", "reissue", {"assembly": 1, "changes": []}, 400),
        ("N1", "reissue", {"assembly": 9, "changes": [REISSUED], "reason": "wrong-lot"}, 404),
        ("N1", "reissue", {"assembly": 1, "changes": [REISSUED], "reason": "wrong-lot"}, 422),
        ("N1", "hold", {"hold_class": "quality", "hold_reason": "x", "releasing_role": "No"}, 404),
        ("N1", "hold", {"hold_class": "quality", "hold_reason": "x", "scope": "wafer"}, 400),
        ("N1", "split", {"child": "N1.1", "quantity": 11}, 422),
    ],
)  # fmt: skip
def test_wrong_order_leaves_nothing_behind(
    code: str, verb: str, body: dict[str, Any], status: int, post: Post
) -> None:
    counted_lot()
    answer = post(code, verb, **body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status, "application/problem+json",
    ), answer.content  # fmt: skip
    assert (Event.objects.count(), Lot.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("query", "headers"), [("?preview=1", {}), ("", {"Prefer": "respond-async, dry-run"})]
)
def test_dry_run_shows_everything_and_keeps_nothing(
    query: str, headers: dict[str, str], post: Post
) -> None:
    lot = counted_lot()
    body = {"child": "N1.1", "quantity": 3}
    answer = post("N1", "split", query, headers, **body)
    shown = answer.json()
    assert [(row["code"], row["quantity"]) for row in shown["before"]] == [("N1", 10)]
    assert [(row["code"], row["quantity"]) for row in shown["after"]] == [("N1", 7), ("N1.1", 3)]
    assert (shown["event"]["verb"], shown["set_off"]) == ("split", [])
    assert (again(lot).version, Event.objects.count()) == (1, 1)
    assert post("N1", "split", **body).json()["verb"] == "split"


def test_dry_run_shows_what_would_be_set_off(post: Post) -> None:
    counted_lot()
    shown = post("N1", "send-ahead", "?preview=1", child="P", quantity=1, until_step="PORT").json()
    assert [event["verb"] for event in shown["set_off"]] == ["hold"]
    assert shown["after"][0]["holds"] == ["Pilot P is ahead until PORT"]
    assert not Lot.objects.filter(code="P").exists()


def test_dry_run_of_a_new_lot_has_nothing_before(post: Post) -> None:
    shown = post("", "receive", "?preview=1", **NEW).json()
    assert (shown["before"], shown["after"][0]["code"]) == ([], "M9")
    assert not Lot.objects.exists()


def test_dry_run_of_a_key_used_before_shows_the_first_answer(post: Post) -> None:
    counted_lot()
    post("N1", "bank")
    shown = post("N1", "bank", "?preview=1").json()
    assert (shown["event"]["seq"], shown["before"]) == (2, shown["after"])


def test_refusal_of_a_dry_run_is_the_refusal_to_come(post: Post) -> None:
    bank_lot(lot=counted_lot(), command=command())
    assert post("N1", "move", "?preview=1", to_step="SFT").json()["code"] == "wrong-state"
    assert post("N1", "move", "?preview=yes", to_step="SFT").status_code == 400


def test_hold_over_http_names_its_part_and_its_role(post: Post) -> None:
    Group.objects.create(name="Review board")
    lot = wafer_lot()
    body = {
        "hold_class": "quality", "hold_reason": "edge", "scope": "wafer", "wafers": [2],
        "releasing_role": "Review board",
    }  # fmt: skip
    assert post("W1", "hold", **body).json()["payload"]["wafers"] == [2]
    placed = lot.holds.get()
    answer = post("W1", "release", hold=placed.pk, disposition="use as is")
    assert (answer.status_code, [str(item) for item in placed.items.all()]) == (403, ["W1-02"])


def test_a_retry_gets_the_first_answer_even_when_what_it_named_is_gone(post: Post) -> None:
    lot = counted_lot()
    body = {"to_step": "SFT", "key": "once"}
    first = post("N1", "move", **body).json()
    version = released_route("D", {"code": "SCAN"})
    reroute_lot(
        lot=lot, to_version=version, to_step_code="SCAN", command=command(hours=1, reason="new")
    )
    again_answer = post("N1", "move", "", {"If-Match": '"2"'}, **body)
    assert (again_answer.status_code, again_answer.json()["seq"]) == (200, first["seq"])
    other = post("N1", "move", to_step="TRAY", key="once")
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_a_retried_release_answers_as_it_did_though_the_hold_went_on(post: Post) -> None:
    lot = chip_lot()
    held = post("M1", "hold", hold_class="quality", hold_reason="look", scope="unit",
                serials=["M1-C0"])  # fmt: skip
    hold = held.json()["payload"]["hold"]
    first = post("M1", "release", hold=hold, disposition="use", key="free")
    assert post("M1", "release", hold=hold, disposition="use", key="free").json() == first.json()
    assert lot.events.get(verb="release").seq == first.json()["seq"]


def test_a_key_answers_also_the_caller_who_was_overtaken() -> None:
    lot, order = counted_lot(), replace(command(), asked_sha256="a" * 64)

    def late() -> Event:
        bank_lot(lot=lot, command=order)
        raise WrongStateError("Overtaken by the same order.")

    assert answered(order, late) == Event.objects.get(verb="bank")
    with pytest.raises(WrongStateError, match="for good"):
        answered(replace(order, op_key="other"), _refused)


def _refused() -> Event:
    raise WrongStateError("Refused for good.")


def test_tomorrow_has_not_happened_yet(post: Post, settings: Settings) -> None:
    counted_lot()
    settings.AHEAD_MAX = timedelta(days=1)
    later = timezone.now() + timedelta(hours=25)
    answer = post("N1", "bank", occurred_at=later.isoformat())
    assert (answer.status_code, answer.json()["fields"]["field"]) == (400, "occurred_at")
    assert "lies ahead" in answer.json()["detail"]
    soon = timezone.now() + timedelta(hours=23)
    assert post("N1", "bank", occurred_at=soon.isoformat()).status_code == 200
