from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.domain.reconciling import LotDifference, Reconciled, StockLine
from finance.selectors.reconciling import reconciliation
from supplychain.base.snapshots import snapshot

SHOWN_MAX = 50


class Command(BaseCommand):
    help = (
        "Prove that the subledger, the lots' events and the serials and wafers that are there give "
        "the same counts, per stage, item and custodian. Fails when they do not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stocks", action="store_true", help="also print every stock")

    def handle(self, *args: Any, **options: Any) -> None:
        with snapshot():
            found = reconciliation()
        if options["stocks"]:
            for line in found.stocks:
                self.stdout.write(_stock(line))
        for row in found.differences[:SHOWN_MAX]:
            self.stdout.write(_difference(row))
        if hidden := len(found.differences) - SHOWN_MAX:
            self.stdout.write(f"and {hidden:,} more") if hidden > 0 else None
        self._end(found)

    def _end(self, found: Reconciled) -> None:
        lots = {row.lot for row in found.differences}
        owed = len(lots - {row.lot for row in found.faults})
        if faults := found.faults:
            raise CommandError(
                f"{_lots(len({row.lot for row in faults}))} and nothing explains it.",
                returncode=1,
            )
        self.stdout.write(
            f"{sum(line.events for line in found.stocks):,} units in {len(found.stocks)} stocks: "
            "subledger = events = what is there"
            + (f". {_lots(owed)}, waiting to be posted." if owed else ".")
        )


def _lots(count: int) -> str:
    return "1 lot differs" if count == 1 else f"{count:,} lots differ"


def _stock(line: StockLine) -> str:
    stock = line.stock
    return (
        f"{stock.account} {stock.stage or '(no stage)'} {stock.item} {stock.unit_of_measure} "
        f"at {stock.custodian}: "
        f"subledger {line.ledger:,}, events {line.events:,}, there {line.there:,}, "
        f"without serials {line.unserialised:,}"
    )


def _difference(row: LotDifference) -> str:
    stock = row.stock
    there = "cannot be counted" if row.there is None else f"there {row.there:,}"
    return (
        f"{row.reason}: lot {row.lot}, {stock.item} {stock.unit_of_measure} at "
        f"{stock.account} {stock.stage or '(no stage)'} with {stock.custodian}: "
        f"subledger {row.ledger:,}, events {row.events:,}, {there}"
    )
