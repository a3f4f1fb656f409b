"""Costs by supplier in the books: parts of two suppliers, each at a standard of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Sum

from finance.domain.revaluations import RevaluationOrder
from finance.domain.words import Account
from finance.models import CostVersion, LedgerEntry, PostingGap, StandardCost
from finance.selectors.facts import holdings_of
from finance.selectors.lots_then import vendors_now
from finance.selectors.reconciling import misposted_lots
from finance.selectors.uninvoiced import UninvoicedAsked, uninvoiced
from finance.services import (
    approve_cost_version,
    approve_revaluation,
    post_events,
    prepare_revaluation,
)
from finance.tests import test_lots_then
from finance.tests.line import command
from finance.tests.memory import at, sent
from finance.tests.revaluing import person
from lots.domain.commands import LotOrder, Selection
from lots.domain.words import LotKind, UnitOfMeasure
from lots.models import Lot, Step, Supplier
from lots.services import (
    correct_event,
    merge_lots,
    move_lot,
    receive_lot,
    record_bonus,
    record_loss,
    split_lot,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("two_costs")]

ITEM, STAGE = "HBM3E-36", "component"
OWN = {"OSAT1": "310.25", "ODM1": "290.5", "": "300"}


def version_with(code: str, costs: dict[str, str]) -> CostVersion:
    """A draft as the newest version, with costs of the parts by supplier from a day later on."""
    before = CostVersion.objects.filter(approved_at__isnull=False).latest("effective_on")
    preparer = User.objects.get_or_create(username="ann")[0]
    version = CostVersion.objects.create(
        code=code, effective_on=before.effective_on + timedelta(days=1), prepared_by=preparer
    )
    for cost in before.costs.exclude(item__code=ITEM):
        cost.pk, cost.version = None, version
        cost.save(force_insert=True)
    for supplier, unit_cost in costs.items():
        StandardCost.objects.create(
            version=version, item_id=ITEM, stage_id=STAGE, supplier_id=supplier or None,
            unit_cost=unit_cost,
        )  # fmt: skip
    return version


def approved(version: CostVersion) -> CostVersion:
    return approve_cost_version(
        version=version, approver=User.objects.get_or_create(username="bob")[0]
    )


@pytest.fixture
def two_costs(books: None) -> None:
    approved(version_with("PARTS", OWN))


def parts(code: str, supplier: str, quantity: int = 10, day: int = 2) -> Lot:
    order = LotOrder(
        code=code, kind=LotKind.PART, product_code=ITEM, route_code="P", step_code="RCV",
        custodian_code=supplier, unit_of_measure=UnitOfMeasure.COMPONENT, quantity=quantity,
    )  # fmt: skip
    return receive_lot(order=order, command=command(at=at(day))).lot


def posted() -> None:
    while post_events().events:
        pass
    assert not PostingGap.objects.filter(closed_at__isnull=True).exists()
    assert misposted_lots() == []


def carried(code: str) -> Decimal:
    held = holdings_of([code]).get(code, {})
    return sum((worth.amount for worth in held.values()), Decimal(0))


def on(account: Account) -> Decimal:
    rows = LedgerEntry.objects.filter(account=account)
    return rows.aggregate(sum=Sum("amount", default=Decimal(0)))["sum"]  # type: ignore[no-any-return]


def test_each_supplier_is_owed_its_own_standard() -> None:
    for code, supplier in (("A1", "OSAT1"), ("B1", "ODM1"), ("C1", "MRVL")):
        parts(code, supplier)
    posted()
    assert [carried(code) for code in ("A1", "B1", "C1")] == [
        Decimal("3102.5"), Decimal(2905), Decimal(3000),
    ]  # fmt: skip
    asked = UninvoicedAsked(LedgerEntry.objects.count(), at(9).date())
    open_now = {row.lot: (row.supplier, row.amount) for row in uninvoiced(asked).rows}
    assert open_now["A1"] == ("OSAT1", Decimal("3102.5"))
    assert open_now["B1"] == ("ODM1", Decimal(2905))


def test_it_stays_the_suppliers_wherever_it_goes_and_in_whatever_is_split_off() -> None:
    lot = sent(parts("A1", "OSAT1"), "ODM1", day=5)
    split_lot(lot=lot, child_code="A1X", selection=Selection(quantity=4), command=command(at=at(6)))
    record_bonus(
        lot=Lot.objects.get(code="A1X"), quantity=1, command=command(at=at(7), reason="found")
    )
    posted()
    assert (carried("A1"), carried("A1X")) == (Decimal("1861.5"), Decimal("1551.25"))
    assert vendors_now({"A1", "A1X"}) == {"A1": "OSAT1", "A1X": "OSAT1"}
    assert on(Account.VARIANCE) == 0


def merge_two() -> None:
    first, second = sent(parts("A1", "OSAT1"), "ODM1", day=5), parts("B1", "ODM1", 4)
    stock = Step.objects.get(route_version=second.route_version_id, code="STOCK")
    move_lot(lot=second, to_step=stock, command=command(at=at(6)))
    second.refresh_from_db()
    first.refresh_from_db()
    merge_lots(into=first, lots=[second], command=command(at=at(7)))


def test_merged_lots_are_carried_at_what_they_were_and_valued_as_the_one_that_stays() -> None:
    merge_two()
    posted()
    assert carried("A1") == Decimal("3102.5") + 4 * Decimal("290.5")
    assert on(Account.VARIANCE) == 0
    lot = Lot.objects.get(code="A1")
    record_loss(
        lot=lot, selection=Selection(quantity=7), command=command(at=at(8), reason="handling")
    )
    posted()
    assert carried("A1") == (Decimal("3102.5") + Decimal(1162)) / 2
    ann, bob = person("ann2"), person("bob2")
    order = RevaluationOrder("PARTS", at(9).date(), "merged", "two suppliers in one lot")
    document = prepare_revaluation(order=order, key="one", preparer=ann)
    approve_revaluation(document=document, approver=bob)
    assert carried("A1") == 7 * Decimal("310.25")


def split_sent_and_corrected() -> None:
    lot = sent(parts("A1", "OSAT1"), "ODM1", day=5)
    split_lot(lot=lot, child_code="A1X", selection=Selection(quantity=4), command=command(at=at(6)))
    child = sent(Lot.objects.get(code="A1X"), "MRVL", day=8)
    correct_event(event=child.events.latest("seq"), command=command(at=at(9), reason="another lot"))
    parts("C1", "MRVL")


def received_anew_from_another() -> None:
    lot = parts("A1", "OSAT1")
    correct_event(event=lot.events.get(), command=command(at=at(3), reason="mistake"))
    sent(parts("A1", "ODM1", 8, day=4), "OSAT1", day=6)


STORIES = [merge_two, split_sent_and_corrected, received_anew_from_another]


@pytest.mark.parametrize("story", STORIES)
def test_posted_late_is_posted_as_at_once(
    story: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = test_lots_then.told(story, post_each=False, monkeypatch=monkeypatch)
    assert late == test_lots_then.told(story, post_each=True, monkeypatch=monkeypatch)
    assert late


def test_what_is_received_anew_from_another_is_the_others() -> None:
    received_anew_from_another()
    posted()
    assert carried("A1") == 8 * Decimal("290.5")
    assert vendors_now({"A1"}) == {"A1": "ODM1"}
    assert on(Account.VARIANCE) == 0


def test_a_new_version_revalues_each_lot_to_its_suppliers_cost() -> None:
    for code, supplier in (("A1", "OSAT1"), ("B1", "ODM1"), ("C1", "MRVL")):
        parts(code, supplier, 1)
    posted()
    approved(version_with("STD-NEW", {"OSAT1": "320", "": "280"}))
    ann, bob = person("ann2"), person("bob2")
    order = RevaluationOrder("STD-NEW", at(9).date(), "new-standard", "price agreement")
    document = prepare_revaluation(order=order, key="one", preparer=ann)
    approve_revaluation(document=document, approver=bob)
    assert [carried(code) for code in ("A1", "B1", "C1")] == [320, 280, 280]
    assert on(Account.VARIANCE) == Decimal("-9.75") + Decimal("10.5") + 20


@pytest.mark.parametrize("supplier", [None, "ODM1"])
def test_the_database_takes_one_cost_for_each_supplier_and_one_for_all_others(
    supplier: str | None,
) -> None:
    version = version_with("DRAFT", OWN)
    with pytest.raises(IntegrityError, match="finance_standardcost_once"), transaction.atomic():
        StandardCost.objects.create(
            version=version, item_id=ITEM, stage_id=STAGE, supplier_id=supplier, unit_cost=1
        )


def test_the_supplier_of_an_approved_cost_is_frozen() -> None:
    rows = StandardCost.objects.filter(version__code="PARTS", supplier__code="ODM1")
    with pytest.raises(DatabaseError, match="PARTS is approved"), transaction.atomic():
        rows.update(supplier=Supplier.objects.get(code="MRVL"))
