"""Costs rolled up as a draft, frozen once approved, over services and HTTP."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, IntegrityError, transaction

from finance.domain.cost_table import Cost
from finance.domain.errors import FrozenCostError, RollUpError
from finance.models import CostAssumption, CostVersion, StandardCost
from finance.selectors.costs import costs_of
from finance.selectors.rollups import assumption_table, assumptions_of, strayed_costs
from finance.services import approve_cost_version
from finance.services.rollups import change_assumption, prepare_roll_up
from finance.tests.readers import client_of
from lots.models import Bill
from supplychain.base.errors import ForbiddenError, MissingError, RefusedError

HEAD = "kind,item,stage,component,supplier,value,source\n"
DIE = """purchase-price,TRN3-DIE,wafer,,TSMC,19500,price list
conversion,TRN3-DIE,sorted-wafer,,OSAT1,1500,
gross-dies,TRN3-DIE,good-die,,,60,26 x 33 mm
yield,TRN3-DIE,good-die,,,0.5,
"""
CHIP = """part-price,HBM3E-36,component,,,300,
conversion,TRN3,package,,OSAT1,400,
conversion,TRN3,chip,,OSAT1,50,
"""
DAY = date(2027, 1, 1)
URL = "/api/v1/finance/cost-roll-ups"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


def user(name: str, *rights: str) -> User:
    made = User.objects.create_user(name)
    made.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return made


@pytest.fixture
def ann(books: None) -> User:
    return user("ann", "add_costversion", "view_costversion")


def prepared(preparer: User, text: str = DIE + CHIP, code: str = "STD-R") -> CostVersion:
    return prepare_roll_up(
        code=code, effective_on=DAY, table=assumption_table(HEAD + text), preparer=preparer
    )


def test_the_draft_holds_what_its_assumptions_and_bills_come_to(ann: User) -> None:
    version = prepared(ann)
    # (2 x 700 + 4 x 300 + 400) = 3000, for (19500 + 1500) / 60 / 0.5 = 700 a die.
    assert costs_of(version) == {
        ("TRN3-DIE", "wafer", ""): Cost(Decimal(19500), None),
        ("TRN3-DIE", "sorted-wafer", ""): Cost(Decimal(21000), None),
        ("TRN3-DIE", "good-die", ""): Cost(Decimal(700), Decimal("0.5")),
        ("HBM3E-36", "component", ""): Cost(Decimal(300), None),
        ("TRN3", "package", ""): Cost(Decimal(3000), None),
        ("TRN3", "chip", ""): Cost(Decimal(3050), None),
    }
    billed = [row for row in assumptions_of(version) if row.component]
    assert [(row.component, row.text) for row in billed] == [("TRN3-DIE", "2"), ("HBM3E-36", "4")]
    assert strayed_costs(version) == []


def test_a_draft_is_replaced_by_its_preparer_only(ann: User) -> None:
    prepared(ann)
    version = prepared(ann, DIE)
    assert len(costs_of(version)) == 3
    with pytest.raises(ForbiddenError, match="ann prepares STD-R"):
        prepared(user("eve", "add_costversion"), DIE)
    with pytest.raises(ForbiddenError, match="may not prepare"):
        prepared(user("max"), DIE)


def test_what_gives_no_cost_changes_nothing(ann: User) -> None:
    prepared(ann)
    with pytest.raises(RollUpError, match="HBM3E-36 has no price"):
        prepared(ann, DIE + CHIP.partition("\n")[2])
    with pytest.raises(RefusedError, match="the first is row 2"):
        prepared(ann, "yield,NONE,wafer,,,1,\n")
    with pytest.raises(RefusedError, match="no row"):
        prepared(ann, "")
    assert len(costs_of(CostVersion.objects.get(code="STD-R"))) == 6


def test_a_second_price_of_a_wafer_gives_costs_of_that_supplier(ann: User) -> None:
    second = "purchase-price,TRN3-DIE,wafer,,MRVL,22500,offer\n"
    with pytest.raises(RollUpError, match="none for lots of all others"):
        prepared(ann, DIE + CHIP + second)
    version = prepared(ann, DIE.replace(",TSMC,", ",,") + CHIP + second)
    found = costs_of(version)
    assert found["TRN3-DIE", "good-die", "MRVL"] == Cost(Decimal(800), Decimal("0.5"))
    assert found["TRN3-DIE", "good-die", ""] == Cost(Decimal(700), Decimal("0.5"))
    assert found["TRN3", "package", ""].unit_cost == 3000
    assert len(found) == 9
    assert approve_cost_version(version=version, approver=user("bob")).approved_at


def test_the_newest_released_bill_counts(ann: User) -> None:
    bill = Bill.objects.get(product__code="TRN3")
    newer = Bill.objects.create(product=bill.product, version=2)
    newer.lines.create(component=bill.lines.get(component__code="TRN3-DIE").component, quantity=3)
    assert costs_of(prepared(ann))["TRN3", "package", ""].unit_cost == 3000
    Bill.objects.filter(pk=newer.pk).update(state="released", released_at=bill.released_at)
    assert costs_of(prepared(ann))["TRN3", "package", ""].unit_cost == 3 * 700 + 400


def test_one_assumption_is_changed_and_the_costs_follow(ann: User) -> None:
    version = prepared(ann)
    change_assumption(version=version, line=5, value=Decimal(1), preparer=ann)
    assert costs_of(version)["TRN3", "chip", ""] == Cost(Decimal(2350), None)
    with pytest.raises(RollUpError, match="Line 5"):
        change_assumption(version=version, line=5, value=Decimal(2), preparer=ann)
    with pytest.raises(MissingError):
        change_assumption(version=version, line=99, value=Decimal(1), preparer=ann)
    with pytest.raises(ForbiddenError):
        eve = user("eve", "add_costversion")
        change_assumption(version=version, line=5, value=Decimal(1), preparer=eve)


def test_costs_that_strayed_from_their_assumptions_are_not_approved(ann: User) -> None:
    version = prepared(ann)
    StandardCost.objects.filter(version=version, stage__code="chip").update(unit_cost=1)
    with pytest.raises(RefusedError, match="the first is TRN3 at chip"):
        approve_cost_version(version=version, approver=user("bob"))


def test_an_approved_version_keeps_its_assumptions(ann: User) -> None:
    version = approve_cost_version(version=prepared(ann), approver=user("bob"))
    with pytest.raises(FrozenCostError):
        prepared(ann)
    with pytest.raises(DatabaseError, match="is approved"), transaction.atomic():
        CostAssumption.objects.filter(version=version).update(value=1)
    with pytest.raises(DatabaseError, match="is approved"), transaction.atomic():
        CostAssumption.objects.filter(version=version).delete()


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "yield", "value": Decimal("1.1")},
        {"kind": "gross-dies", "value": Decimal(0)},
        {"kind": "conversion", "value": Decimal(-1)},
        {"kind": "component", "value": Decimal(1)},
    ],
)
def test_the_database_refuses_what_no_assumption_can_be(ann: User, said: dict[str, Any]) -> None:
    version = CostVersion.objects.create(code="X", effective_on=DAY, prepared_by=ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        CostAssumption.objects.create(
            version=version, line=1, item_id="TRN3", stage_id="chip", **said
        )


def order(**more: object) -> dict[str, object]:
    rows = [
        {"kind": kind, "item": item, "stage": stage, "supplier": supplier, "value": value}
        for kind, item, stage, _, supplier, value, _ in (
            row.split(",") for row in (DIE + CHIP).splitlines()
        )
    ]
    return {"version": "STD-R", "effective_on": "2027-01-01", "assumptions": rows, **more}


def test_a_version_is_prepared_and_read_over_http(ann: User) -> None:
    client = client_of(ann)
    made = client.post(URL, json.dumps(order()), content_type="application/json")
    assert made.status_code == 201, made.content
    told = client.get(f"{URL}/STD-R").json()
    assert told == made.json()
    assert (told["prepared_by"], told["approved_by"], told["explanation"]) == ("ann", None, None)
    chip = next(row for row in told["results"] if row["stage"] == "chip")
    assert chip == {
        "item": "TRN3", "stage": "chip", "supplier": "", "unit_cost": "3050.000000",
        "yield_ratio": None,
        "material": "650.000000", "yield_loss": "700.000000", "conversion": "500.000000",
        "parts": "1200.000000",
    }  # fmt: skip
    assert [row["line"] for row in told["assumptions"]] == list(range(1, 10))


def test_what_differs_from_another_version_is_explained_over_http(ann: User) -> None:
    prepared(ann)
    prepared(ann, (DIE + CHIP).replace(",0.5,", ",0.7,"), code="STD-S")
    told = client_of(ann).get(f"{URL}/STD-S?against=STD-R").json()["explanation"]
    [step] = told["steps"]
    assert told["against"] == "STD-R"
    assert [row["before"]["value"] for row in step["changes"]] == ["0.500000"]
    # A die costs 350 / 0.7 = 500.
    assert [row["change"] for row in told["moved"] if row["item"] == "TRN3-DIE"] == ["-200.000000"]
    assert step["moved"] == told["moved"]


def test_what_cannot_be_taken_over_http_names_its_line(ann: User) -> None:
    client = client_of(ann)
    wrong = order(assumptions=[{"kind": "yield", "item": "TRN3", "stage": "chip", "value": "2"}])
    answer = client.post(URL, json.dumps(wrong), content_type="application/json")
    assert (answer.status_code, answer.json()["fields"]) == (422, {"rows": [1]})
    reader = client_of(user("aud", "view_costversion"))
    assert reader.get(f"{URL}/STD-2024").json()["results"] == []
    assert reader.get(f"{URL}/NONE").status_code == 404
    assert reader.post(URL, "{}", content_type="application/json").status_code == 403
    assert client_of(user("max")).get(f"{URL}/STD-2024").status_code == 403
