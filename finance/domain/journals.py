"""A period's sums as journal entries of the general ledger: cents, balanced, within its limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

from finance.domain.words import Account, JournalAccount, JournalFormat

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
GAP_LINES = 2
"""At most, for what a part owes the others, which is less than two of the largest amounts."""


@dataclass(frozen=True, slots=True)
class GeneralAccount:
    """An account of the general ledger, as that one numbers and names it."""

    number: str
    name: str


Chart = Mapping[tuple[str, str], GeneralAccount]
"""(account, stage) → general account. Stage "" is for every stage that has none of its own.

A number named in two ways goes by the name of the first.
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a period moved on an account. amount: signed, six decimals; plus is a debit.

    opening: what the account had there before.
    """

    account: Account
    stage: str
    item: str
    custodian: str
    unit_of_measure: str
    quantity: int
    amount: Decimal
    opening: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class JournalLine:
    """amount: signed, two decimals; plus is a debit, minus a credit; never zero."""

    general: GeneralAccount
    stage: str
    item: str
    custodian: str
    unit_of_measure: str
    quantity: int
    amount: Decimal

    @property
    def debit(self) -> Decimal:
        """Zero for a credit."""
        return max(self.amount, NOTHING)

    @property
    def credit(self) -> Decimal:
        """Zero for a debit."""
        return max(-self.amount, NOTHING)

    @property
    def description(self) -> str:
        """What the line is about, for who reads the general ledger."""
        words = (self.item, self.stage, f"at {self.custodian}" if self.custodian else "")
        return " ".join(word for word in words if word) or self.general.name


@dataclass(frozen=True, slots=True)
class Limits:
    """What one entry may have. lines: three at least. amount: of a line, either side."""

    lines: int
    amount: Decimal = Decimal("99999999999999.99")


LIMITS = {
    JournalFormat.GENERIC: Limits(1_000_000),
    JournalFormat.SAP: Limits(999),
    JournalFormat.ORACLE: Limits(100_000),
    JournalFormat.NETSUITE: Limits(10_000, Decimal("9999999999.99")),
    JournalFormat.WORKDAY: Limits(10_000),
}


@dataclass(frozen=True, slots=True)
class JournalPart:
    """One entry: its lines sum to zero. number: from 1."""

    number: int
    lines: tuple[JournalLine, ...]

    @property
    def total(self) -> Decimal:
        """Of its debits, which is that of its credits."""
        return sum((line.amount for line in self.lines if line.amount > 0), NOTHING)


def without_number(chart: Chart) -> list[str]:
    """Accounts that the chart says nothing of for every stage."""
    names = [*map(str, Account), *map(str, JournalAccount)]
    return [name for name in names if (name, "") not in chart]


def unnumbered(moved: Iterable[Moved], chart: Chart) -> list[str]:
    """What stands in the way of a journal: accounts and stages that moved money, with no number."""
    wanted = {
        _named(row.account, row.stage)
        for row in moved
        if row.amount and _general(chart, row.account, row.stage) is None
    }
    own = set(map(str, JournalAccount)) & set(without_number(chart))
    return sorted(wanted | own)


def journal_lines(moved: Iterable[Moved], chart: Chart) -> list[JournalLine]:
    """One line for each number of the general ledger, item, stage, custodian and unit, to the cent.

    It takes the account from its opening to its closing, both to the cent, so that the general
    ledger never drifts from the subledger; moved has also what only had an opening. What the
    rounding leaves over is a line of its own. Every account is in the chart.
    """
    sums: dict[JournalLine, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    numbered = {general.number: general for _, general in sorted(chart.items(), reverse=True)}
    for row in moved:
        if general := _general(chart, row.account, row.stage):
            key = JournalLine(
                numbered[general.number], row.stage, row.item, row.custodian, row.unit_of_measure,
                0, NOTHING,
            )  # fmt: skip
            sums[key][0] += row.quantity
            sums[key][1] += row.amount
            sums[key][2] += row.opening
    lines = [
        replace(key, quantity=int(units), amount=cents(before + money) - cents(before))
        for key, (units, money, before) in sorted(sums.items(), key=lambda entry: str(entry[0]))
    ]
    lines = [line for line in lines if line.amount]
    rest = -sum((line.amount for line in lines), NOTHING)
    return [*lines, *_own(chart, JournalAccount.ROUNDING, rest)]


def journal_parts(
    lines: Sequence[JournalLine], chart: Chart, limits: Limits
) -> tuple[JournalPart, ...]:
    """The lines as entries within the limits, each balanced; what parts them clears over all."""
    pieces = [piece for line in lines for piece in _pieces(line, limits.amount)]
    if len(pieces) <= limits.lines:
        return (JournalPart(1, tuple(pieces)),) if pieces else ()
    found: list[JournalPart] = []
    rest = list(_near_zero(pieces))
    room = limits.lines - GAP_LINES
    while rest:
        part, rest = rest[:room], rest[room:]
        gap = -sum((line.amount for line in part), NOTHING)
        for line in _own(chart, JournalAccount.PARTING, gap):
            part += _pieces(line, limits.amount)
        found.append(JournalPart(len(found) + 1, tuple(part)))
    return tuple(found)


def cents(amount: Decimal) -> Decimal:
    """To two decimals, half to even; never minus zero."""
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN) + NOTHING


def _general(chart: Chart, account: str, stage: str) -> GeneralAccount | None:
    return chart.get((account, stage)) or chart.get((account, ""))


def _named(account: str, stage: str) -> str:
    return f"{account} at stage {stage}" if stage else account


def _own(chart: Chart, name: JournalAccount, amount: Decimal) -> list[JournalLine]:
    if not amount:
        return []
    return [JournalLine(chart[name, ""], "", "", "", "", 0, amount)]


def _pieces(line: JournalLine, most: Decimal) -> Iterator[JournalLine]:
    """The line in amounts that one line may have; its units stand on the first."""
    sign, rest = (1 if line.amount > 0 else -1), abs(line.amount)
    yield replace(line, amount=sign * min(rest, most))
    while (rest := rest - most) > 0:
        yield replace(line, quantity=0, amount=sign * min(rest, most))


def _near_zero(lines: Sequence[JournalLine]) -> Iterator[JournalLine]:
    """In an order whose running sum never goes further from zero than the largest line."""
    debits = [line for line in reversed(lines) if line.amount > 0]
    credits_ = [line for line in reversed(lines) if line.amount < 0]
    total = NOTHING
    while debits or credits_:
        line = credits_.pop() if total > 0 else debits.pop()
        total += line.amount
        yield line
