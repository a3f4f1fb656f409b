"""Twelve months of books: stock at vendors and on its way, scrap, corrections, and facts that come
late; every month is closed, and restated afterwards."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User

from finance.models import LedgerEntry, Period, PeriodClose, PostingGap
from finance.selectors.balances import Bucket, balances, rollforward
from finance.selectors.closes import close_differences, close_rows, close_totals, closes_of
from finance.selectors.ledger import watermark
from finance.services import (
    approve_restatement,
    close_period,
    post_events,
    prepare_restatement,
    soft_close_period,
)
from finance.tests.line import command, wafer_lot
from finance.tests.posted import unnamed_postings
from lots.domain.commands import Command, Selection
from lots.models import Event, Lot, Step, Supplier
from lots.services import correct_event, move_lot, receive_shipment, scrap_units, ship_lot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]

YEAR = 2025
MONTHS = range(1, 13)
Sums = dict[Bucket, tuple[int, Decimal]]


def on(month: int, day: int, reason: str = "") -> Command:
    return command(at=datetime(YEAR, month, day, 12, tzinfo=UTC), reason=reason)


def moved(lot: Lot, when: Command, code: str) -> Lot:
    step = Step.objects.get(route_version=lot.route_version_id, code=code)
    move_lot(lot=lot, to_step=step, command=when)
    return Lot.objects.get(pk=lot.pk)


def sent(code: str, when: Command, to: str = "OSAT1") -> None:
    """From the foundry, whose it is until then, to the test house; or on from there."""
    house = Supplier.objects.get(code=to)
    ship_lot(lot=Lot.objects.get(code=code), to=house, customer="", command=when)


def arrived(code: str, when: Command, at: str = "OSAT1", step: str = "RCV") -> Lot:
    lot = Lot.objects.get(code=code)
    receive_shipment(
        lot=lot,
        custodian=Supplier.objects.get(code=at),
        to_step=Step.objects.get(route_version=lot.route_version_id, code=step),
        counted_quantity=lot.quantity,
        command=when,
    )
    return Lot.objects.get(pk=lot.pk)


def scrapped(lot: Lot, when: Command, wafer: int) -> Event:
    return scrap_units(lot=lot, selection=Selection(wafers=(wafer,)), command=when)


def month_of_work(month: int) -> None:
    """Two lots begin, of which one is told late; last month's arrive, are worked on and sent on."""
    for name in ("A", "B"):
        lot = wafer_lot(f"{name}{month:02}", 4, at=on(month, 2).occurred_at)
        moved(lot, on(month, 20), "WAT")
    sent(f"A{month:02}", on(month, 28))
    if month == 1:
        return
    lot = arrived(f"A{month - 1:02}", on(month, 3))
    scrapped(lot, on(month, 4, "handling"), wafer=1)
    wrong = scrapped(lot, on(month, 5, "wafer-breakage"), wafer=2)
    if month % 2:
        correct_event(event=wrong, command=on(month, 6, "it was found"))
    for day, step in ((8, "BUMP"), (15, "CP1")):
        lot = moved(lot, on(month, day), step)
    sent(lot.code, on(month, 28), "ODM1")
    if month > 2:
        arrived(f"A{month - 2:02}", on(month, 3), "ODM1", "CP2")


def late_facts(month: int) -> None:
    """What happened in that month to lot B, and is told once the month is closed."""
    sent(f"B{month:02}", on(month, 26))
    arrived(f"B{month:02}", on(month, 27))


def sums(close: PeriodClose) -> Sums:
    return {line.bucket: (line.quantity, line.amount) for line in close_totals(close)}


def added(parts: list[Sums]) -> Sums:
    units: Counter[Bucket] = Counter()
    money: dict[Bucket, Decimal] = {}
    for part in parts:
        for bucket, (quantity, amount) in part.items():
            units[bucket] += quantity
            money[bucket] = money.get(bucket, Decimal(0)) + amount
    return {
        bucket: (units[bucket], amount)
        for bucket, amount in money.items()
        if units[bucket] or amount
    }


def test_twelve_months_roll_forward_close_and_are_restated() -> None:
    Period.objects.filter(starts_on__lt=date(YEAR, 1, 1)).delete()
    ann, bob = (User.objects.create_user(name) for name in ("ann", "bob"))
    reported: dict[str, Sums] = {}
    for month in MONTHS:
        month_of_work(month)
        if month > 1:
            late_facts(month - 1)
        post_events()
        period = Period.objects.get(code=f"{YEAR}-{month:02}")
        soft_close_period(period=period, preparer=ann)
        close_period(period=period, approver=bob)
        reported[period.code] = sums(closes_of(period.code).get())
    assert not PostingGap.objects.filter(closed_at=None).exists()
    accounts = set(LedgerEntry.objects.values_list("account", flat=True))
    assert {"vendor-owned", "in-transit", "inventory", "supplier"} <= accounts
    unnamed, verbs = unnamed_postings()
    assert (unnamed, "correct" in verbs) == ([], True)

    for code in reported:
        for line in rollforward(code, watermark(None).seq):
            assert not line.quantity.check, (code, line.bucket)
            assert not line.amount.check, (code, line.bucket)
    now = {line.bucket: (line.quantity, line.amount) for line in balances(watermark(None).seq)}
    assert added(list(reported.values())) == now

    for month in MONTHS[:-1]:
        period = Period.objects.get(code=f"{YEAR}-{month:02}")
        draft = prepare_restatement(period=period, reason="shipments told late", preparer=ann)
        second = approve_restatement(close=draft, approver=bob)
        first = closes_of(period.code)[0]
        assert sums(first) == reported[period.code]
        came = set(close_rows(second)) - set(close_rows(first))
        assert {row.lot_id for row in came} == {Lot.objects.get(code=f"B{month:02}").code}
        moved_by = {
            line.bucket: (line.quantity, line.amount) for line in close_differences(first, second)
        }
        assert moved_by
        assert added([reported[period.code], moved_by]) == added([sums(second)])
