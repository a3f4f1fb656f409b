"""What the books say of docs/golden-lot.md, written as the page writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from finance.domain.journals import NOTHING
from finance.domain.words import Account
from finance.models import LedgerEntry, Period
from finance.selectors.assets import asset_register
from finance.selectors.balances import balances
from finance.selectors.journals import JournalQuery, journal
from finance.selectors.ledger import watermark
from finance.selectors.reconciling import reconciliation
from finance.tests.golden_page import Row
from finance.tests.golden_sums import counted, money

NAMES = (
    "kind", "lot", "account", "stage", "item", "at", "units", "amount", "then units", "then amount",
)  # fmt: skip
THE_VENDORS = frozenset({Account.SUPPLIER, Account.VENDOR_OWNED})
Key = tuple[str, str, str, str]
"""Account, stage, item and unit of measure."""


@dataclass(frozen=True, slots=True)
class Told:
    """What carrying out a step left in the books."""

    number: int
    day: date
    acts: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass
class Books:
    """Lines read so far, and what their buckets carry by them."""

    seq: int = 0
    held: dict[Key, tuple[int, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: (0, Decimal(0)))
    )

    def read_on(self, day: date) -> tuple[Row, ...]:
        """Lines since the last call, all of the day, with the line of names; () for none."""
        lines = list(LedgerEntry.objects.filter(seq__gt=self.seq).order_by("seq"))
        assert {line.effective_on for line in lines} <= {day}
        rows = tuple(self._row(line) for line in lines)
        assert self.held_now() == bucket_sums(), "balances come to what the lines say"
        return (NAMES, *rows) if rows else ()

    def held_now(self) -> dict[Key, tuple[int, Decimal]]:
        return {key: carried for key, carried in self.held.items() if any(carried)}

    def _row(self, line: LedgerEntry) -> Row:
        key = (line.account, line.stage_id or "", line.item_id, line.unit_of_measure)
        units, amount = self.held[key]
        self.held[key] = units + line.quantity, amount + line.amount
        self.seq = line.seq
        return (
            line.kind,
            line.lot_id or "",
            *key[:3],
            line.custodian_id,
            counted(line.quantity, key[3]),
            money(line.amount),
            counted(self.held[key][0], key[3]),
            money(self.held[key][1]),
        )


def bucket_sums() -> dict[Key, tuple[int, Decimal]]:
    """As the service tells balances, over all owners and custodians."""
    found: dict[Key, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for row in balances(watermark(None).seq):
        own = row.bucket
        key = (own.account, own.stage or "", own.item, own.unit_of_measure)
        found[key] = found[key][0] + row.quantity, found[key][1] + row.amount
    return {key: carried for key, carried in found.items() if any(carried)}


def ends() -> dict[str, tuple[Row, ...]]:
    """The tables at the end of the page, by heading."""
    return {
        "What every account carries": (
            ("account", "stage", "item", "units", "amount"),
            *(
                (*key[:3], counted(units, key[3]), money(amount))
                for key, (units, amount) in sorted(bucket_sums().items())
            ),
        ),
        "Money sums to zero": (("account", "amount"), *_by_account()),
        "Units sum to zero": (("unit", "account", "units"), *_by_unit()),
        "Counted three times": (
            ("account", "stage", "item", "at", "books", "events", "serials", "without serials"),
            *_counted(),
        ),
        "Whom we owe": (("vendor", "item", "amount"), *_owed()),
        "The asset": (("serial", "in service on", "chips", "amount", "a chip"), *_assets()),
        "The general ledger": (("number", "name", "amount"), *_general()),
    }


def _summed(rows: Iterable[tuple[Row, Decimal]]) -> list[tuple[Row, Decimal]]:
    sums: dict[Row, Decimal] = defaultdict(Decimal)
    for key, value in rows:
        sums[key] += value
    return [(key, value) for key, value in sorted(sums.items()) if value]


def _by_account() -> list[Row]:
    rows = (((key[0],), amount) for key, (_, amount) in bucket_sums().items())
    return [(*key, money(amount)) for key, amount in _summed(rows)]


def _by_unit() -> list[Row]:
    rows = (((key[3], key[0]), Decimal(units)) for key, (units, _) in bucket_sums().items())
    return [(*key, counted(int(units))) for key, units in _summed(rows)]


def _counted() -> list[Row]:
    found = reconciliation()
    assert found.differences == ()
    return [
        (
            line.stock.account,
            line.stock.stage,
            line.stock.item,
            line.stock.custodian,
            *map(counted, (line.ledger, line.events, line.there, line.unserialised)),
        )
        for line in found.stocks
    ]


def _owed() -> list[Row]:
    """All but the vendors' own and what we owe for is ours."""
    entity = set(
        LedgerEntry.objects.exclude(account__in=THE_VENDORS).values_list("owner", flat=True)
    )
    assert entity == {"FABLESS"}
    lines = LedgerEntry.objects.filter(account__in=THE_VENDORS)
    return [
        (*key, money(amount))
        for key, amount in _summed(((line.owner, line.item_id), line.amount) for line in lines)
    ]


def _assets() -> list[Row]:
    return [
        (
            asset.serial,
            asset.in_service_on or "",
            counted(asset.chips or 0),
            money(asset.amount),
            money(asset.amount_per_chip or NOTHING),
        )
        for asset in asset_register().assets
    ]


def _general() -> list[Row]:
    months = Period.objects.filter(entries__isnull=False).distinct().order_by("starts_on")
    lines = [line for month in months for line in journal(JournalQuery(month.code)).lines]
    rows = (((line.general.number, line.general.name), line.amount) for line in lines)
    return [(*key, money(amount)) for key, amount in _summed(rows)]
