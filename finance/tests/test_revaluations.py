from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from finance.domain.revaluations import RevaluationOrder
from finance.domain.words import Account, CloseCheck
from finance.models import LedgerEntry, Period, Revaluation, RevaluationLine
from finance.selectors.closing import close_checklist
from finance.selectors.facts import holdings_of
from finance.selectors.journals import JournalQuery, journal
from finance.selectors.revaluations import stock_lines
from finance.selectors.variances import variances, variances_asked
from finance.services import (
    approve_revaluation,
    foresee_revaluation,
    give_up_revaluation,
    post_events,
    prepare_revaluation,
    revaluations,
    soft_close_period,
    try_revaluation,
)
from finance.tests.line import chip_lot, command, moved, scrapped
from finance.tests.revaluing import DAY, ORDER, costs, person, stock
from finance.tests.test_write_downs import assert_whole, carried, on
from lots.models import Event, Lot, Step, Supplier
from lots.services import correct_event, receive_shipment
from supplychain.base.errors import (
    ConflictError,
    ForbiddenError,
    RefusedError,
    StaleError,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_day", "books")]


@pytest.fixture
def ann(books: None) -> User:
    return person("ann", "writedown")


@pytest.fixture
def bob(books: None) -> User:
    return person("bob", "writedown")


@pytest.fixture
def lot(books: None) -> Lot:
    return stock()


@pytest.fixture
def waiting(lot: Lot, ann: User) -> Revaluation:
    return prepare_revaluation(order=ORDER, key="one", preparer=ann)


@pytest.fixture
def posted(waiting: Revaluation, bob: User) -> Revaluation:
    return approve_revaluation(document=waiting, approver=bob)


def told(document: Revaluation) -> dict[str, tuple[int, Decimal, Decimal | None, str]]:
    return {
        line.lot: (line.quantity, line.carried, line.standard, line.left_out or "")
        for line in stock_lines(document)
    }


def changes_of_standard() -> int:
    return LedgerEntry.objects.filter(kind="standard-change").count()


def test_the_figures_worked_by_hand(posted: Revaluation) -> None:
    """A bumped wafer: 20,300, a tenth less is 18,270. A received chip: 3,850 and 3,465.

    Two wafers: 40,600 and 36,540. Three chips: 11,550 and 10,395. 4,060 + 2,030 + 1,155 = 7,245.
    """
    assert told(posted) == {
        "M1": (3, Decimal(11550), Decimal(10395), ""),
        "W1": (2, Decimal(40600), Decimal(36540), ""),
        "W2": (1, Decimal(20300), Decimal(18270), ""),
    }
    assert posted.transaction is not None
    lines = LedgerEntry.objects.filter(transaction=posted.transaction).order_by("line")
    assert [
        (line.account, line.lot_id, line.item_id, line.custodian_id, line.amount) for line in lines
    ] == [
        ("inventory", "M1", "TRN2", "MRVL", Decimal(-1155)),
        ("inventory", "W1", "TRN3-DIE", "OSAT1", Decimal(-4060)),
        ("in-transit", "W2", "TRN3-DIE", "ODM1", Decimal(-2030)),
        ("variance", None, "TRN2", "MRVL", Decimal(1155)),
        ("variance", None, "TRN3-DIE", "OSAT1", Decimal(4060)),
        ("variance", None, "TRN3-DIE", "ODM1", Decimal(2030)),
    ]
    assert (carried("W1"), carried("W2"), carried("W3"), carried("M1")) == (
        Decimal(36540), Decimal(18270), Decimal(0), Decimal(10395),
    )  # fmt: skip
    assert on(Account.VARIANCE) == Decimal(7245)
    assert_whole()


def test_its_lines_say_who_and_why(posted: Revaluation) -> None:
    line = LedgerEntry.objects.latest("seq")
    assert (line.kind, line.cost_version_id, line.quantity) == ("revaluation", "STD-NEW", 0)
    assert (line.actor, line.approver, line.reason) == ("ann", "bob", "new-standard")
    assert (line.op_key, line.source_seq) == (f"revaluation:{posted.pk}:6", None)


def test_later_events_find_no_change_of_standard(posted: Revaluation, lot: Lot) -> None:
    away = Lot.objects.get(code="W2")
    receive_shipment(
        lot=away,
        custodian=Supplier.objects.get(code="ODM1"),
        to_step=Step.objects.get(route_version=away.route_version_id, code="CP1"),
        counted_quantity=1,
        command=command(),
    )
    moved(lot, "CP2", "DICE")
    moved(Lot.objects.get(code="M1"), "IST", "IDREG", "STOCK")
    post_events()
    assert changes_of_standard() == 0
    assert_whole()


def test_without_it_the_next_event_finds_one(lot: Lot) -> None:
    moved(lot, "CP2", "DICE")
    post_events()
    assert changes_of_standard() == 1


def test_a_second_one_finds_nothing(posted: Revaluation, ann: User) -> None:
    with pytest.raises(RefusedError, match="carried at the standard of STD-NEW"):
        prepare_revaluation(order=ORDER, key="two", preparer=ann)


def test_it_is_tried_without_being_kept(lot: Lot, ann: User) -> None:
    tried = try_revaluation(order=ORDER, preparer=ann)
    assert [line.difference for line in tried.lines] == [-1155, -4060, -2030]
    assert (tried.foreseen.day.period, len(tried.foreseen.legs)) == ("2026-03", 6)
    assert not Revaluation.objects.exists()


def test_one_that_waits_posts_nothing_and_tells_what_it_would(waiting: Revaluation) -> None:
    assert sum(leg.amount for leg in foresee_revaluation(document=waiting).legs) == 0
    assert on(Account.VARIANCE) == 0


@pytest.mark.parametrize(
    ("only", "lots"),
    [
        ({"item": "TRN2"}, {"M1"}),
        ({"stage": "bumped-wafer"}, {"W1", "W2"}),
        ({"custodian": "ODM1"}, {"W2"}),
        ({"stage": "bumped-wafer", "custodian": "OSAT1"}, {"W1"}),
    ],
)
def test_it_is_narrowed(lot: Lot, ann: User, only: dict[str, Any], lots: set[str]) -> None:
    order = replace(ORDER, **only)
    document = prepare_revaluation(order=order, key="one", preparer=ann)
    assert set(told(document)) == lots
    assert foresee_revaluation(document=document).legs


def test_the_same_key_makes_one(waiting: Revaluation, ann: User) -> None:
    assert prepare_revaluation(order=ORDER, key="one", preparer=ann) == waiting
    with pytest.raises(ConflictError):
        prepare_revaluation(order=replace(ORDER, reason="other"), key="one", preparer=ann)
    assert Revaluation.objects.count() == 1


def test_it_is_posted_once(posted: Revaluation, bob: User) -> None:
    with pytest.raises(RefusedError, match="was approved before"):
        approve_revaluation(document=posted, approver=bob)
    assert on(Account.VARIANCE) == 7245


def test_nobody_approves_their_own(waiting: Revaluation, ann: User) -> None:
    with pytest.raises(ForbiddenError, match="they prepared"):
        approve_revaluation(document=waiting, approver=ann)
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        Revaluation.objects.update(
            approved_by=ann, approved_at="2026-03-03T00:00:00Z", transaction=99
        )


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "other"},
        {"evidence": "other"},
        {"effective_on": date(2026, 3, 3)},
        {"version": "STD-2024"},
        {"item": "TRN2"},
    ],
)
def test_the_database_keeps_what_was_prepared(
    waiting: Revaluation, change: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError, match="stays as it was prepared"), transaction.atomic():
        Revaluation.objects.update(**change)


def test_the_database_freezes_what_is_approved(posted: Revaluation) -> None:
    for act in (posted.lines.all().delete, lambda: posted.lines.update(quantity=9), posted.delete):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            act()


@pytest.mark.parametrize("table", ["finance_revaluation", "finance_revaluationline"])
def test_the_tables_are_not_emptied(waiting: Revaluation, table: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_one_approved_at_once_is_refused_by_the_database(lot: Lot, ann: User, bob: User) -> None:
    with pytest.raises(DatabaseError, match="prepared first"), transaction.atomic():
        Revaluation.objects.create(
            effective_on=DAY, version_id="STD-NEW", reason="x", evidence="x", prepared_by=ann,
            approved_by=bob, approved_at="2026-03-03T00:00:00Z", transaction=99,
        )  # fmt: skip


def test_a_line_that_was_tampered_with_is_not_approved(waiting: Revaluation, bob: User) -> None:
    waiting.lines.filter(lot__code="W1").update(standard_amount=1)
    with pytest.raises(StaleError, match="Lots W1 were carried otherwise"):
        approve_revaluation(document=waiting, approver=bob)


def test_one_that_waits_can_be_given_up_and_a_posted_one_not(
    waiting: Revaluation, ann: User, bob: User
) -> None:
    give_up_revaluation(document=waiting, actor=ann)
    assert not RevaluationLine.objects.exists()
    again = prepare_revaluation(order=ORDER, key="two", preparer=ann)
    approve_revaluation(document=again, approver=bob)
    with pytest.raises(RefusedError, match="revalue to them"):
        give_up_revaluation(document=again, actor=ann)


def test_people_without_the_right_are_refused(waiting: Revaluation) -> None:
    other = User.objects.create_user("eve")
    for act in (
        lambda: prepare_revaluation(order=ORDER, key="two", preparer=other),
        lambda: try_revaluation(order=ORDER, preparer=other),
        lambda: approve_revaluation(document=waiting, approver=other),
        lambda: give_up_revaluation(document=waiting, actor=other),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_a_lot_that_changed_since_is_refused(waiting: Revaluation, bob: User, lot: Lot) -> None:
    scrapped(lot, "handling", wafers=(1,))
    with pytest.raises(RefusedError, match="Lots W1 have events that are not posted"):
        approve_revaluation(document=waiting, approver=bob)
    post_events()
    with pytest.raises(StaleError, match="Lots W1 were carried otherwise"):
        approve_revaluation(document=waiting, approver=bob)


def test_a_lot_that_came_since_is_at_standard(waiting: Revaluation, bob: User) -> None:
    chip_lot("M2", 1)
    post_events()
    approve_revaluation(document=waiting, approver=bob)
    assert (carried("M1"), carried("M2")) == (Decimal(10395), Decimal(3465))


def test_lots_that_changed_are_named_up_to_a_number(
    waiting: Revaluation, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revaluations, "NAMED_MAX", 1)
    moved(Lot.objects.get(code="M1"), "IST")
    scrapped(Lot.objects.get(code="W1"), "handling", wafers=(1,))
    with pytest.raises(RefusedError, match="Lots M1 and 1 more have events"):
        approve_revaluation(document=waiting, approver=bob)


def test_a_late_one_counts_in_the_open_period(waiting: Revaluation, bob: User) -> None:
    march = Period.objects.get(code="2026-03")
    soft_close_period(period=march, preparer=waiting.prepared_by)
    approve_revaluation(document=waiting, approver=bob)
    line = LedgerEntry.objects.latest("seq")
    assert (line.effective_on, line.period_id, line.is_prior_period) == (DAY, "2026-04", True)


def test_one_that_waits_keeps_the_period_open(waiting: Revaluation) -> None:
    found = close_checklist(Period.objects.get(code="2026-03"))
    assert {line.check: line.count for line in found}[CloseCheck.UNAPPROVED_DOCUMENTS] == 1


def test_the_variance_explorer_and_the_journal_show_it(posted: Revaluation) -> None:
    found = variances(variances_asked({"kind": "revaluation"}))
    assert {(row.item, row.supplier): row.amount for row in found.rows} == {
        ("TRN2", "MRVL"): Decimal(1155),
        ("TRN3-DIE", "OSAT1"): Decimal(4060),
        ("TRN3-DIE", "ODM1"): Decimal(2030),
    }
    booked = journal(JournalQuery("2026-03")).lines
    assert {line.general.number for line in booked} >= {"5400", "1420"}
    assert sum(line.amount for line in booked) == 0


def test_as_many_statements_for_more_lots(lot: Lot, ann: User, bob: User) -> None:
    def statements(key: str, order: RevaluationOrder) -> int:
        with CaptureQueriesContext(connection) as queries:
            document = prepare_revaluation(order=order, key=key, preparer=ann)
            approve_revaluation(document=document, approver=bob)
        return len(queries)

    for number in range(5):
        chip_lot(f"N{number}", 1, step="RCV")
    post_events()
    costs("STD-NEXT", date(2026, 3, 3), "0.9")
    order = replace(ORDER, version="STD-NEXT", effective_on=date(2026, 3, 3))
    assert ann.get_all_permissions() == bob.get_all_permissions()
    few = statements("few", replace(order, custodian="ODM1"))
    assert statements("many", replace(order, item="TRN2")) == few


def corrected(event: Event) -> None:
    correct_event(event=event, command=command(reason="not so"))
    post_events()


def test_a_correction_takes_what_was_revalued_to_where_the_units_go(
    posted: Revaluation, lot: Lot
) -> None:
    """Two raw wafers, 39,000, and 4,060 less: as much as they were revalued by."""
    corrected(Event.objects.filter(lot=lot).latest("seq"))
    [(position, worth)] = holdings_of(["W1"])["W1"].items()
    assert (position.stage, worth.quantity, worth.amount) == ("wafer", 2, Decimal(34940))
    assert_whole()


def test_a_receipt_that_never_was_takes_its_revaluation_back(posted: Revaluation) -> None:
    corrected(Event.objects.get(lot__code="M1"))
    assert holdings_of(["M1"]) == {}
    assert on(Account.VARIANCE) == Decimal(7245 - 1155)
    assert_whole()
