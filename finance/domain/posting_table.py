"""Which event posts which accounts, as a table: what the posting rules may do, and nothing else.

A row names pairs of accounts: one is debited (plus), the other credited (minus).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from finance.domain.legs import Leg
from finance.domain.transfers import SHIPPABLE
from finance.domain.words import CARRYING, PLACES, Account, EntryKind
from finance.domain.write_downs import STOCK
from lots.domain.words import Verb

Pair = tuple[Account, Account]
"""What is debited, and what is credited."""

DOCUMENTS = ("write-down", "revaluation", "invoice")
"""What is posted beside the events of the lots ledger, once it is approved."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """What an event posts in a situation. kind: of at least one line of each pair.

    events: verbs of the lots ledger, or documents. debits, credits: one of each.
    is_either_way: or with the sides turned. is_same_account: both are the same account.
    """

    events: tuple[str, ...]
    situation: str
    kind: EntryKind
    debits: tuple[Account, ...]
    credits: tuple[Account, ...]
    is_either_way: bool = False
    is_same_account: bool = False

    @property
    def pairs(self) -> frozenset[Pair]:
        """All that it names."""
        named = frozenset(product(self.debits, self.credits))
        if self.is_same_account:
            return frozenset(pair for pair in named if pair[0] is pair[1])
        turned = frozenset((credit, debit) for debit, credit in named)
        return named | turned if self.is_either_way else named


MOVING = (
    Verb.RECEIVE, Verb.MOVE, Verb.TRACK_OUT, Verb.REWORK_IN, Verb.REROUTE, Verb.AMEND, Verb.REISSUE,
)  # fmt: skip
"""Verbs after which a lot may stand at another place."""

CONVERTING = (Verb.DICE, Verb.ASSEMBLE)
LOSING = (Verb.SCRAP, Verb.LOSS, Verb.TRACK_OUT)
FINDING = (Verb.BONUS, Verb.TRACK_OUT)
COUNTING = (Verb.RECEIVE, Verb.MOVE)

CARRIED = tuple(account for account in Account if account in CARRYING)
PLACED = tuple(account for account in Account if account in PLACES)
GOODS = tuple(account for account in CARRIED if account is not Account.COUNT_ADJUSTMENT)
SCRAP = (Account.NORMAL_SCRAP, Account.ABNORMAL_SCRAP)
SHIPPED = tuple(account for account in Account if account in SHIPPABLE)
STOCKED = tuple(account for account in Account if account in STOCK)
LOSABLE = tuple(
    account for account in CARRIED if account not in {Account.VENDOR_OWNED, Account.FIXED_ASSET}
)

TABLE: tuple[TableRow, ...] = (
    TableRow(
        (Verb.RECEIVE,),
        "A new lot, or more for one, from its supplier; units counted before end their dispute",
        EntryKind.RECEIPT,
        (*PLACED, Account.COUNT_ADJUSTMENT),
        (Account.SUPPLIER,),
    ),
    TableRow(
        (Verb.RECEIVE,),
        "A vendor's own units that a count told before",
        EntryKind.RECEIPT,
        (Account.COUNT_ADJUSTMENT,),
        (Account.ABNORMAL_SCRAP,),
    ),
    TableRow(
        MOVING,
        "From where the lot stood, or from transit, to where its step puts it",
        EntryKind.TRANSFER,
        PLACED,
        GOODS,
    ),
    TableRow(
        MOVING,
        "Work that the new stage adds, or the way back takes off",
        EntryKind.ABSORPTION,
        PLACED,
        (Account.CONVERSION,),
        is_either_way=True,
    ),
    TableRow(
        MOVING,
        "Title passes from the vendor",
        EntryKind.PURCHASE,
        PLACED,
        (Account.SUPPLIER,),
        is_either_way=True,
    ),
    TableRow(
        MOVING,
        "Title goes back to the vendor, who owns what stands at the step",
        EntryKind.PURCHASE,
        (Account.SUPPLIER,),
        (*SHIPPED, Account.IN_TRANSIT),
    ),
    TableRow(
        MOVING,
        "Losses that the standard yield plans for are borne by the units that came",
        EntryKind.NORMAL_LOSS,
        PLACED,
        (Account.NORMAL_SCRAP,),
        is_either_way=True,
    ),
    TableRow(
        MOVING,
        "The lot was carried otherwise than at the standard of its day",
        EntryKind.STANDARD_CHANGE,
        GOODS,
        (Account.VARIANCE,),
        is_either_way=True,
    ),
    TableRow(
        COUNTING,
        "A count differs from what is known, or ends a dispute",
        EntryKind.COUNT_DIFFERENCE,
        GOODS,
        (Account.COUNT_ADJUSTMENT,),
        is_either_way=True,
    ),
    TableRow(
        (Verb.SHIP,),
        "Ours is under way until it arrives",
        EntryKind.TRANSFER,
        (Account.IN_TRANSIT,),
        SHIPPED,
    ),
    TableRow(
        (Verb.SHIP,),
        "Title passes from the vendor as it ships",
        EntryKind.TRANSFER,
        (Account.IN_TRANSIT,),
        (Account.VENDOR_OWNED,),
    ),
    TableRow(
        (Verb.SHIP,),
        "What the vendor is owed for it",
        EntryKind.PURCHASE,
        (Account.IN_TRANSIT,),
        (Account.SUPPLIER,),
    ),
    TableRow(
        (Verb.SPLIT, Verb.MERGE, Verb.BIN),
        "From lot to lot, on the same account",
        EntryKind.TRANSFER,
        CARRIED,
        CARRIED,
        is_same_account=True,
    ),
    TableRow(
        (Verb.SWAP,),
        "The part taken out goes to its lot at the value of the one put in",
        EntryKind.TRANSFER,
        PLACED,
        CARRIED,
    ),
    TableRow(
        (Verb.SWAP,),
        "It stays as the one put in stood, where the step of its lot has no stage",
        EntryKind.TRANSFER,
        CARRIED,
        CARRIED,
        is_same_account=True,
    ),
    TableRow(
        (Verb.SWAP,),
        "The part taken out is bad",
        EntryKind.TRANSFER,
        SCRAP,
        CARRIED,
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "Inputs are used, at what they carry; what was not used comes back",
        EntryKind.CONSUMPTION,
        (Account.CONVERSION,),
        CARRIED,
        is_either_way=True,
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "A vendor's own is bought by being used",
        EntryKind.PURCHASE,
        (Account.CONVERSION,),
        (Account.SUPPLIER,),
        is_either_way=True,
    ),
    TableRow(
        CONVERTING,
        "Good output, at standard",
        EntryKind.PRODUCTION,
        PLACED,
        (Account.CONVERSION,),
    ),
    TableRow(
        CONVERTING,
        "Rejects that the standard yield plans for: units without money",
        EntryKind.NORMAL_LOSS,
        (Account.NORMAL_SCRAP,),
        (Account.CONVERSION,),
    ),
    TableRow(
        CONVERTING,
        "Rejects beyond the standard yield, or fewer",
        EntryKind.YIELD_VARIANCE,
        (Account.VARIANCE,),
        (Account.CONVERSION,),
        is_either_way=True,
    ),
    TableRow(
        CONVERTING,
        "Units that the map promised and nobody found, or more",
        EntryKind.MAP_COUNT_VARIANCE,
        (Account.VARIANCE,),
        (Account.CONVERSION,),
        is_either_way=True,
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "Inputs were carried otherwise than at the standard of the day",
        EntryKind.STANDARD_CHANGE,
        (Account.VARIANCE,),
        (Account.CONVERSION,),
        is_either_way=True,
    ),
    TableRow(
        CONVERTING,
        "What written-down inputs carry below standard, the output carries below its own",
        EntryKind.WRITE_DOWN,
        (Account.CONVERSION,),
        PLACED,
    ),
    TableRow(
        LOSING,
        "Lost, at what the units carry: normal or abnormal by the reason",
        EntryKind.SCRAP,
        SCRAP,
        LOSABLE,
    ),
    TableRow(
        LOSING,
        "Units counted extra end their dispute when all of a lot is lost",
        EntryKind.SCRAP,
        (Account.COUNT_ADJUSTMENT,),
        SCRAP,
    ),
    TableRow(
        LOSING,
        "A vendor's own is lost",
        EntryKind.SCRAP,
        (Account.SUPPLIER,),
        (Account.VENDOR_OWNED,),
    ),
    TableRow(
        LOSING,
        "Lost in service, whatever the reason",
        EntryKind.RETIREMENT,
        (Account.RETIREMENT,),
        (Account.FIXED_ASSET,),
    ),
    TableRow(
        FINDING,
        "Found, at standard, against what scrap is charged to; or it ends a dispute",
        EntryKind.SCRAP,
        LOSABLE,
        SCRAP,
    ),
    TableRow(
        FINDING,
        "A vendor's own is found",
        EntryKind.SCRAP,
        (Account.VENDOR_OWNED,),
        (Account.SUPPLIER,),
    ),
    TableRow(
        FINDING,
        "Found in service",
        EntryKind.RETIREMENT,
        (Account.FIXED_ASSET,),
        (Account.RETIREMENT,),
    ),
    TableRow(
        (Verb.CORRECT,),
        "What was written down since goes where the units go, or back",
        EntryKind.WRITE_DOWN,
        CARRIED,
        (*CARRIED, Account.WRITE_DOWN),
        is_either_way=True,
    ),
    TableRow(
        (Verb.CORRECT,),
        "What was revalued since goes where the units go, or back",
        EntryKind.REVALUATION,
        CARRIED,
        (*CARRIED, Account.VARIANCE),
        is_either_way=True,
    ),
    TableRow(
        ("write-down",),
        "Stock is worth less than it is carried at",
        EntryKind.WRITE_DOWN,
        (Account.WRITE_DOWN,),
        STOCKED,
    ),
    TableRow(
        ("revaluation",),
        "Stock is carried otherwise than at a new standard",
        EntryKind.REVALUATION,
        (Account.VARIANCE,),
        STOCKED,
        is_either_way=True,
    ),
    TableRow(
        ("invoice",),
        "The price of goods differs from their standard",
        EntryKind.PRICE_VARIANCE,
        (Account.VARIANCE,),
        (Account.SUPPLIER,),
        is_either_way=True,
    ),
    TableRow(
        ("invoice",),
        "The price of work differs from its standard",
        EntryKind.CONVERSION_VARIANCE,
        (Account.VARIANCE,),
        (Account.CONVERSION,),
        is_either_way=True,
    ),
)
"""A correction posts, beside its own rows, those of the event it takes back with sides turned."""


def rows_of(event: str, undone: Sequence[str] = ()) -> list[TableRow]:
    """Rows of a verb or document. undone: of a correction, the verbs of what it takes back."""
    rows = [row for row in TABLE if event in row.events]
    turned = [row for row in TABLE if set(undone) & {*row.events}]
    return rows + [replace(row, debits=row.credits, credits=row.debits) for row in turned]


def unnamed(rows: Iterable[TableRow], legs: Sequence[Leg]) -> list[Leg]:
    """Lines of one transaction that no row names together with one on the other side.

    A line without units and money says nothing.
    """
    pairs = {(row.kind, pair) for row in rows for pair in row.pairs}
    plus = [leg for leg in legs if _side(leg) > 0]
    minus = [leg for leg in legs if _side(leg) < 0]
    named: set[int] = set()
    for debit, credit in product(plus, minus):
        pair = debit.position.account, credit.position.account
        if (debit.kind, pair) in pairs or (credit.kind, pair) in pairs:
            named |= {id(debit), id(credit)}
    return [leg for leg in (*plus, *minus) if id(leg) not in named]


def _side(leg: Leg) -> int:
    """Of money; of units where there is none."""
    return (leg.amount > 0) - (leg.amount < 0) or (leg.quantity > 0) - (leg.quantity < 0)
