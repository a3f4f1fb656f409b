"""Items, costs, custodians' stock and assets over HTTP."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from finance.domain.registering import Asset, asset_sums, shares
from finance.models import CostVersion, LedgerEntry, StandardCost
from finance.selectors.assets import asset_register
from finance.services import post_events
from finance.tests.line import chip_lot, command, moved, wafer_lot
from finance.tests.readers import ledger_reader
from lots.domain.commands import Selection
from lots.domain.words import UnitState
from lots.models import Lot, Product, Unit
from lots.services import correct_event, split_lot

FINANCE = "/api/v1/finance"


def asset(serial: str, **rest: object) -> Asset:
    given = {
        "item": "SRV", "lot": "L1", "account": "fixed-asset", "custodian": "DC1",
        "in_service_on": None, "accepted_seq": None, "site": "", "rack": "", "slot": None,
        "chips": 4, "kilowatts": 2.5, "amount": Decimal(1000), **rest,
    }  # fmt: skip
    return Asset(serial=serial, **given)  # type: ignore[arg-type]


def test_shares_come_to_the_whole() -> None:
    assert shares(Decimal("10.000000"), 3) == [
        Decimal("3.333333"), Decimal("3.333333"), Decimal("3.333334"),
    ]  # fmt: skip


def test_assets_are_summed_with_cost_per_chip_and_megawatt() -> None:
    rows = [asset("S1"), asset("S2", amount=Decimal(3000)), asset("T1", item="SW", chips=0,
                                                                 kilowatts=None)]  # fmt: skip
    servers, switch = asset_sums(rows)
    assert (servers.quantity, servers.chips, servers.kilowatts) == (2, 8, 5.0)
    assert (servers.amount_per_chip, servers.amount_per_megawatt) == (
        Decimal(500),
        Decimal(800_000),
    )
    assert (switch.amount_per_chip, switch.amount_per_megawatt) == (None, None)
    assert (rows[0].amount_per_chip, rows[2].amount_per_chip) == (
        Decimal(250),
        None,
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_the_register_has_every_serial_with_its_proof() -> None:
    answer = ledger_reader().get(f"{FINANCE}/assets").json()
    rows = {row["serial"]: row for row in answer["results"]}
    assert set(rows) == {"S1-0", "S1-1", "S2-0"}
    assert (rows["S1-0"]["account"], rows["S2-0"]["account"]) == (
        "fixed-asset", "construction-in-progress",
    )  # fmt: skip
    accepted = LedgerEntry.objects.filter(account="fixed-asset", quantity__gt=0).get()
    assert rows["S1-0"]["accepted_seq"] == accepted.source_seq
    assert rows["S1-0"]["in_service_on"] == str(accepted.effective_on)
    assert (rows["S2-0"]["accepted_seq"], rows["S2-0"]["in_service_on"]) == (None, None)
    assert [rows[name]["chips"] for name in ("S1-0", "S1-1", "S2-0")] == [4, 4, 4]
    booked = LedgerEntry.objects.filter(account__in=["fixed-asset", "construction-in-progress"])
    assert sum(Decimal(row["amount"]) for row in rows.values()) == sum(row.amount for row in booked)
    (only,) = ledger_reader_again().get(f"{FINANCE}/assets", {"lot": "S2"}).json()["results"]
    assert only["serial"] == "S2-0"


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_an_acceptance_is_kept_by_what_is_split_off_and_told_anew_when_taken_back() -> None:
    lot = Lot.objects.get(code="S1")
    accepted = lot.events.get(step_to__code="ACCEPT")
    split_lot(lot=lot, child_code="S1.1", selection=Selection(serials=("S1-1",)), command=command())
    post_events()
    seqs = {one.serial: one.accepted_seq for one in asset_register().assets}
    assert seqs == {"S1-0": accepted.seq, "S1-1": accepted.seq, "S2-0": None}
    late = moved(Lot.objects.get(code="S2"), "CLUSTER", "SSOAK", "ACCEPT")
    mistake = late.events.get(step_to__code="ACCEPT")
    correct_event(event=mistake, command=command(reason="not accepted yet"))
    again = moved(Lot.objects.get(code="S2"), "ACCEPT").events.order_by("-seq")[0]
    post_events()
    assert asset_register(lot="S2").assets[0].accepted_seq == again.seq


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_units_that_cannot_be_told_apart_keep_their_money_in_the_register() -> None:
    Unit.objects.filter(serial="S1-1").update(state=UnitState.REJECT)
    found = asset_register()
    (row,) = [one for one in found.assets if one.lot == "S1"]
    assert (row.serial, row.quantity) == ("", 2)
    booked = LedgerEntry.objects.filter(account="fixed-asset")
    (fixed,) = [one for one in found.sums if one.account == "fixed-asset"]
    assert (fixed.quantity, fixed.amount) == (2, sum(row.amount for row in booked))


def ledger_reader_again() -> Client:
    User.objects.filter(username="reader").update(username="reader-1")
    return ledger_reader()


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_the_register_takes_as_many_queries_for_one_lot_as_for_all(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(6):
        asset_register()
    with django_assert_num_queries(6):
        asset_register(lot="S1")


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_a_statement_says_what_a_custodian_holds_and_no_money() -> None:
    wafer_lot("W1", 3)
    chip_lot("M1", 2)
    post_events()
    reader = ledger_reader()
    answer = reader.get(f"{FINANCE}/custodian-statement", {"custodian": "TSMC"}).json()
    assert answer["results"] == [
        {
            "item": "TRN3-DIE", "lot": "W1", "stage": "wafer", "account": "vendor-owned",
            "owner": "TSMC", "unit_of_measure": "wafer", "quantity": "3",
        }
    ]  # fmt: skip
    early = {"custodian": "TSMC", "as_of_seq": "0"}
    assert reader.get(f"{FINANCE}/custodian-statement", early).json()["results"] == []
    assert reader.get(f"{FINANCE}/custodian-statement").status_code == 400
    nobody = reader.get(f"{FINANCE}/custodian-statement", {"custodian": "NOBODY"})
    assert nobody.status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_items_and_approved_costs_are_listed_and_a_draft_by_its_name() -> None:
    reader = ledger_reader()
    assert reader.get(f"{FINANCE}/standard-costs").status_code == 403
    right = Permission.objects.get(codename="view_costversion")
    User.objects.get(username="reader").user_permissions.add(right)
    items = reader.get(f"{FINANCE}/items").json()["results"]
    assert len(items) == Product.objects.count()
    version = CostVersion.objects.create(
        code="DRAFT", effective_on=date(2027, 1, 1), prepared_by=User.objects.create_user("ann")
    )
    StandardCost.objects.create(
        version=version, item_id="TRN3", stage_id="tested", unit_cost=Decimal("1.25"),
        supplier_id="OSAT1",
    )  # fmt: skip
    shown = reader.get(f"{FINANCE}/standard-costs").json()["results"]
    assert len(shown) == StandardCost.objects.count() - 1
    assert {row["approved_by"] for row in shown} == {"finance-controller"}
    (draft,) = reader.get(f"{FINANCE}/standard-costs", {"version": "DRAFT"}).json()["results"]
    assert (draft["unit_cost"], draft["approved_by"]) == ("1.250000", None)
    assert (draft["supplier"], shown[0]["supplier"]) == ("OSAT1", None)
    assert reader.get(f"{FINANCE}/standard-costs", {"version": "X"}).status_code == 404
