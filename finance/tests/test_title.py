"""When title passes: as a shipment arrives, or as it leaves, as was agreed with who sells it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from finance.domain.money import ZERO
from finance.models import LedgerEntry
from finance.selectors.facts import holdings_of, legs_of
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from finance.tests.line import command, wafer_lot
from finance.tests.posted import unnamed_postings
from lots.domain.words import Title
from lots.models import Event, Lot, Step, Supplier
from lots.services import correct_event, receive_shipment, ship_lot
from lots.tests.making import supplier

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]

WORTH = Decimal(39000)
"""Two wafers at standard."""


def sent(title: Title | None = None, *, step: str = "WAT") -> Event:
    lot = wafer_lot("W1", 2, step=step)
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command(), title=title)
    post_events()
    return Event.objects.get(lot=lot, verb="ship")


def arrived(step: str = "RCV", *, counted: int = 2) -> Event:
    lot = Lot.objects.get(code="W1")
    receive_shipment(
        lot=lot,
        custodian=supplier("OSAT1"),
        to_step=Step.objects.get(route_version=lot.route_version_id, code=step),
        counted_quantity=counted,
        command=command(),
    )
    post_events()
    return Event.objects.filter(lot=lot, verb="receive").latest("seq")


def posted(event: Event) -> list[tuple[str, str, str, int, Decimal]]:
    return [
        (leg.kind, leg.position.account, leg.position.owner, leg.quantity, leg.amount)
        for leg in legs_of(event.seq)
    ]


def carried() -> list[tuple[str, str, str, str, int, Decimal]]:
    return [
        (at.account, at.stage, at.owner, at.custodian, worth.quantity, worth.amount)
        for at, worth in holdings_of(["W1"]).get("W1", {}).items()
    ]


def agree_on_shipment() -> None:
    Supplier.objects.filter(code="TSMC").update(title=Title.ON_SHIPMENT)


def test_on_arrival_the_foundry_owns_what_is_on_its_way() -> None:
    assert posted(sent()) == []
    assert carried() == [("vendor-owned", "wafer", "TSMC", "TSMC", 2, ZERO)]
    assert ("purchase", "supplier", "TSMC", 0, -WORTH) in posted(arrived())
    assert carried() == [("inventory", "wafer", "FABLESS", "OSAT1", 2, WORTH)]


def test_on_shipment_it_is_ours_and_owed_from_the_day_it_leaves() -> None:
    agree_on_shipment()
    assert posted(sent()) == [
        ("transfer", "vendor-owned", "TSMC", -2, ZERO),
        ("transfer", "in-transit", "FABLESS", 2, WORTH),
        ("purchase", "supplier", "TSMC", 0, -WORTH),
    ]
    assert carried() == [("in-transit", "wafer", "FABLESS", "OSAT1", 2, WORTH)]
    assert not reconciliation().differences
    assert posted(arrived()) == [
        ("transfer", "in-transit", "FABLESS", -2, -WORTH),
        ("transfer", "inventory", "FABLESS", 2, WORTH),
    ]
    assert not reconciliation().differences
    assert unnamed_postings()[0] == []


@pytest.mark.parametrize(
    ("agreed", "title", "account"),
    [
        (Title.ON_ARRIVAL, Title.ON_SHIPMENT, "in-transit"),
        (Title.ON_SHIPMENT, Title.ON_ARRIVAL, "vendor-owned"),
    ],
)
def test_one_shipment_may_be_agreed_otherwise(agreed: Title, title: Title, account: str) -> None:
    Supplier.objects.filter(code="TSMC").update(title=agreed)
    assert sent(title).payload["title"] == title
    assert [row[0] for row in carried()] == [account]


def test_terms_that_change_later_change_no_shipment_before() -> None:
    lot = wafer_lot("W1", 2, step="WAT")
    ship_lot(lot=lot, to=supplier("OSAT1"), customer="", command=command())
    agree_on_shipment()
    post_events()
    assert [row[0] for row in carried()] == ["vendor-owned"]
    assert not reconciliation().differences


def test_units_lost_on_the_way_are_ours_to_lose() -> None:
    agree_on_shipment()
    sent()
    arrived(counted=1)
    assert sorted(carried()) == [
        ("count-adjustment", "wafer", "FABLESS", "OSAT1", 1, WORTH / 2),
        ("inventory", "wafer", "FABLESS", "OSAT1", 1, WORTH / 2),
    ]


def test_a_shipment_taken_back_takes_title_back() -> None:
    agree_on_shipment()
    correct_event(event=sent(), command=command(reason="it never left"))
    post_events()
    assert carried() == [("vendor-owned", "wafer", "TSMC", "TSMC", 2, ZERO)]
    owed = LedgerEntry.objects.filter(account="supplier").values_list("amount", flat=True)
    assert sum(owed) == 0
    assert unnamed_postings()[0] == []


def test_back_at_a_step_where_the_vendor_owns_it_title_goes_back() -> None:
    agree_on_shipment()
    sent(step="FAB")
    assert ("purchase", "supplier", "TSMC", 0, WORTH) in posted(arrived("WAT"))
    assert carried() == [("vendor-owned", "wafer", "TSMC", "OSAT1", 2, ZERO)]
    assert not reconciliation().differences
    assert unnamed_postings()[0] == []


def test_what_is_ours_is_not_bought_again() -> None:
    agree_on_shipment()
    sent()
    arrived()
    ship_lot(lot=Lot.objects.get(code="W1"), to=supplier("ODM1"), customer="", command=command())
    post_events()
    assert carried() == [("in-transit", "wafer", "FABLESS", "ODM1", 2, WORTH)]
    owed = LedgerEntry.objects.filter(account="supplier").values_list("amount", flat=True)
    assert sum(owed) == -WORTH
