"""Which event posts which accounts, as a table: what the posting rules may do, and nothing else.

A row names pairs of accounts: one is debited (plus), the other credited (minus).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

    events: verbs of the lots ledger, or documents.
    """

    events: tuple[str, ...]
    situation: str
    kind: EntryKind
    pairs: frozenset[Pair]

    @property
    def debits(self) -> list[Account]:
        """In the order of accounts."""
        named = {debit for debit, _ in self.pairs}
        return [account for account in Account if account in named]

    @property
    def credits(self) -> list[Account]:
        """In the order of accounts."""
        named = {credit for _, credit in self.pairs}
        return [account for account in Account if account in named]


def _each(debited: Iterable[Account], credited: Iterable[Account]) -> frozenset[Pair]:
    return frozenset(product(debited, credited))


def _both(some: Iterable[Account], others: Iterable[Account]) -> frozenset[Pair]:
    """Either way."""
    one, other = tuple(some), tuple(others)
    return _each(one, other) | _each(other, one)


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
LOSABLE = tuple(
    account for account in CARRIED if account not in {Account.VENDOR_OWNED, Account.FIXED_ASSET}
)

TABLE: tuple[TableRow, ...] = (
    TableRow(
        (Verb.RECEIVE,),
        "A new lot, or more for one, from its supplier; units counted before end their dispute",
        EntryKind.RECEIPT,
        _each((*PLACED, Account.COUNT_ADJUSTMENT), (Account.SUPPLIER,)),
    ),
    TableRow(
        (Verb.RECEIVE,),
        "A vendor's own units that a count told before",
        EntryKind.RECEIPT,
        _each((Account.COUNT_ADJUSTMENT,), (Account.ABNORMAL_SCRAP,)),
    ),
    TableRow(
        MOVING,
        "From where the lot stood, or from transit, to where its step puts it",
        EntryKind.TRANSFER,
        _each(PLACED, GOODS),
    ),
    TableRow(
        MOVING,
        "Work that the new stage adds, or the way back takes off",
        EntryKind.ABSORPTION,
        _both(PLACED, (Account.CONVERSION,)),
    ),
    TableRow(
        MOVING,
        "Title passes from the vendor",
        EntryKind.PURCHASE,
        _both(PLACED, (Account.SUPPLIER,)),
    ),
    TableRow(
        MOVING,
        "Losses that the standard yield plans for are borne by the units that came",
        EntryKind.NORMAL_LOSS,
        _both(PLACED, (Account.NORMAL_SCRAP,)),
    ),
    TableRow(
        MOVING,
        "The lot was carried otherwise than at the standard of its day",
        EntryKind.STANDARD_CHANGE,
        _both(GOODS, (Account.VARIANCE,)),
    ),
    TableRow(
        COUNTING,
        "A count differs from what is known, or ends a dispute",
        EntryKind.COUNT_DIFFERENCE,
        _both(GOODS, (Account.COUNT_ADJUSTMENT,)),
    ),
    TableRow(
        (Verb.SHIP,),
        "Ours is under way until it arrives",
        EntryKind.TRANSFER,
        _each((Account.IN_TRANSIT,), (account for account in Account if account in SHIPPABLE)),
    ),
    TableRow(
        (Verb.SPLIT, Verb.MERGE, Verb.BIN),
        "From lot to lot, on the same account",
        EntryKind.TRANSFER,
        frozenset((account, account) for account in CARRIED),
    ),
    TableRow(
        (Verb.SWAP,),
        "The part taken out goes to its lot at the value of the one put in",
        EntryKind.TRANSFER,
        _each(PLACED, CARRIED) | frozenset((account, account) for account in CARRIED),
    ),
    TableRow(
        (Verb.SWAP,),
        "The part taken out is bad",
        EntryKind.TRANSFER,
        _each(SCRAP, CARRIED),
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "Inputs are used, at what they carry; what was not used comes back",
        EntryKind.CONSUMPTION,
        _both((Account.CONVERSION,), CARRIED),
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "A vendor's own is bought by being used",
        EntryKind.PURCHASE,
        _both((Account.CONVERSION, *CARRIED), (Account.SUPPLIER,)),
    ),
    TableRow(
        CONVERTING,
        "Good output, at standard",
        EntryKind.PRODUCTION,
        _each(PLACED, (Account.CONVERSION,)),
    ),
    TableRow(
        CONVERTING,
        "Rejects that the standard yield plans for: units without money",
        EntryKind.NORMAL_LOSS,
        _each((Account.NORMAL_SCRAP,), (Account.CONVERSION,)),
    ),
    TableRow(
        CONVERTING,
        "Rejects beyond the standard yield, or fewer",
        EntryKind.YIELD_VARIANCE,
        _both((Account.VARIANCE,), (Account.CONVERSION,)),
    ),
    TableRow(
        CONVERTING,
        "Units that the map promised and nobody found, or more",
        EntryKind.MAP_COUNT_VARIANCE,
        _both((Account.VARIANCE,), (Account.CONVERSION,)),
    ),
    TableRow(
        (*CONVERTING, Verb.REISSUE),
        "Inputs were carried otherwise than at the standard of the day",
        EntryKind.STANDARD_CHANGE,
        _both((Account.VARIANCE,), (Account.CONVERSION,)),
    ),
    TableRow(
        CONVERTING,
        "What written-down inputs carry below standard, the output carries below its own",
        EntryKind.WRITE_DOWN,
        _each((Account.CONVERSION,), PLACED),
    ),
    TableRow(
        LOSING,
        "Lost, at what the units carry: normal or abnormal by the reason",
        EntryKind.SCRAP,
        _each(SCRAP, LOSABLE) | _each((Account.COUNT_ADJUSTMENT,), SCRAP),
    ),
    TableRow(
        LOSING,
        "A vendor's own is lost",
        EntryKind.SCRAP,
        _each((Account.SUPPLIER,), (Account.VENDOR_OWNED,)),
    ),
    TableRow(
        LOSING,
        "Lost in service, whatever the reason",
        EntryKind.RETIREMENT,
        _each((Account.RETIREMENT,), (Account.FIXED_ASSET,)),
    ),
    TableRow(
        FINDING,
        "Found, at standard, against what scrap is charged to; or it ends a dispute",
        EntryKind.SCRAP,
        _each(LOSABLE, SCRAP),
    ),
    TableRow(
        FINDING,
        "A vendor's own is found",
        EntryKind.SCRAP,
        _each((Account.VENDOR_OWNED,), (Account.SUPPLIER,)),
    ),
    TableRow(
        FINDING,
        "Found in service",
        EntryKind.RETIREMENT,
        _each((Account.FIXED_ASSET,), (Account.RETIREMENT,)),
    ),
    TableRow(
        (Verb.CORRECT,),
        "What was written down since goes where the units go, or back",
        EntryKind.WRITE_DOWN,
        _both(CARRIED, (*CARRIED, Account.WRITE_DOWN)),
    ),
    TableRow(
        (Verb.CORRECT,),
        "What was revalued since goes where the units go, or back",
        EntryKind.REVALUATION,
        _both(CARRIED, (*CARRIED, Account.VARIANCE)),
    ),
    TableRow(
        ("write-down",),
        "Stock is worth less than it is carried at",
        EntryKind.WRITE_DOWN,
        _each((Account.WRITE_DOWN,), STOCK),
    ),
    TableRow(
        ("revaluation",),
        "Stock is carried otherwise than at a new standard",
        EntryKind.REVALUATION,
        _both((Account.VARIANCE,), STOCK),
    ),
    TableRow(
        ("invoice",),
        "The price of goods differs from their standard",
        EntryKind.PRICE_VARIANCE,
        _both((Account.VARIANCE,), (Account.SUPPLIER,)),
    ),
    TableRow(
        ("invoice",),
        "The price of work differs from its standard",
        EntryKind.CONVERSION_VARIANCE,
        _both((Account.VARIANCE,), (Account.CONVERSION,)),
    ),
)
"""A correction posts, beside its own rows, those of the event it takes back with sides turned."""


def rows_of(event: str, undone: Sequence[str] = ()) -> list[TableRow]:
    """Rows of a verb or document. undone: of a correction, the verbs of what it takes back."""
    rows = [row for row in TABLE if event in row.events]
    turned = [row for row in TABLE if set(undone) & {*row.events}]
    return rows + [
        TableRow((event,), row.situation, row.kind, frozenset((two, one) for one, two in row.pairs))
        for row in turned
    ]


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
