"""The columns that each general ledger's import wants, as its maker describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from finance.domain.journals import JournalLine, JournalPart
from finance.domain.words import JournalFormat

SEGMENTS, REFERENCES = 30, 10
"""Columns of Oracle's GL_INTERFACE file for parts of an account, and for texts."""
SAP_ACCOUNT, SAP_TEXT = 10, 25
"""Characters of an account number, and of the text of a document's head."""


@dataclass(frozen=True, slots=True)
class JournalHead:
    """What all lines of a journal share. ledger, source, category: as the general ledger has them.

    number: external id without the part.
    """

    number: str
    company: str
    ledger: str
    source: str
    category: str
    currency: str
    posted_on: date

    def external_id(self, part: JournalPart) -> str:
        """The same for the same facts, so that an import done twice is refused."""
        return f"{self.number}-{part.number}"


def misfits(target: JournalFormat, head: JournalHead, part: JournalPart) -> list[str]:
    """What the target has no room for, in words. Nothing is ever cut but descriptions."""
    found = []
    numbers = sorted({line.general.number for line in part.lines})
    if target is JournalFormat.SAP:
        found += [
            f"account {one}: {SAP_ACCOUNT} characters" for one in numbers if len(one) > SAP_ACCOUNT
        ]
        if len(head.external_id(part)) > SAP_TEXT:
            found.append(f"external id {head.external_id(part)}: {SAP_TEXT} characters")
    if target is JournalFormat.ORACLE:
        found += [
            f"account {one}: {SEGMENTS} segments" for one in numbers if one.count("-") >= SEGMENTS
        ]
    return found


Rows = Callable[[JournalHead, JournalPart], Iterator[list[str]]]


def journal_rows(
    target: JournalFormat, head: JournalHead, part: JournalPart
) -> Iterator[list[str]]:
    """Rows of the file, in order, the row of names first where the target reads one."""
    return ROWS[target](head, part)


def _generic(head: JournalHead, part: JournalPart) -> Iterator[list[str]]:
    yield [
        "external_id", "line", "company", "posted_on", "currency", "account", "account_name",
        "debit", "credit", "description", "stage", "item", "custodian", "unit_of_measure",
        "quantity",
    ]  # fmt: skip
    for number, line in enumerate(part.lines, start=1):
        yield [
            head.external_id(part), str(number), head.company, str(head.posted_on), head.currency,
            line.general.number, line.general.name, *_sides(line), line.description, line.stage,
            line.item, line.custodian, line.unit_of_measure, str(line.quantity),
        ]  # fmt: skip


def _sap(head: JournalHead, part: JournalPart) -> Iterator[list[str]]:
    """Upload of general journal entries of S/4HANA, by its technical names."""
    yield [
        "BUKRS", "BLART", "BLDAT", "BUDAT", "BKTXT", "WAERS", "HKONT", "SGTXT", "WRSOL", "WRHAB",
        "ZUONR",
    ]  # fmt: skip
    day = f"{head.posted_on:%Y%m%d}"
    for line in part.lines:
        yield [
            head.company, head.category, day, day, head.external_id(part), head.currency,
            line.general.number, line.description[:50], *_sides(line), line.item[:18],
        ]  # fmt: skip


def _oracle(head: JournalHead, part: JournalPart) -> Iterator[list[str]]:
    """Journal import of Oracle Fusion (GL_INTERFACE): by position, without a row of names.

    Segments of an account number are parted by a hyphen.
    """
    day, number = f"{head.posted_on:%Y/%m/%d}", head.external_id(part)
    for line in part.lines:
        segments = line.general.number.split("-")
        texts = {1: head.number, 4: number, 10: line.description}
        yield [
            "NEW", head.ledger, day, head.source, head.category, head.currency, day, "A",
            *segments, *[""] * (SEGMENTS - len(segments)), *_sides(line), *_sides(line),
            *(texts.get(place, "") for place in range(1, REFERENCES + 1)),
        ]  # fmt: skip


def _netsuite(head: JournalHead, part: JournalPart) -> Iterator[list[str]]:
    yield [
        "External ID", "Date", "Subsidiary", "Currency", "Memo", "Account", "Debit", "Credit",
        "Line Memo",
    ]  # fmt: skip
    for line in part.lines:
        yield [
            head.external_id(part), str(head.posted_on), head.company, head.currency, head.number,
            line.general.number, *_sides(line), line.description,
        ]  # fmt: skip


def _workday(head: JournalHead, part: JournalPart) -> Iterator[list[str]]:
    """Import of accounting journals; each line carries the control total of its entry."""
    yield [
        "Accounting Journal ID", "Company", "Currency", "Ledger Type", "Accounting Date",
        "Journal Source", "Control Total Amount", "Line Order", "Ledger Account", "Debit Amount",
        "Credit Amount", "Memo",
    ]  # fmt: skip
    for number, line in enumerate(part.lines, start=1):
        yield [
            head.external_id(part), head.company, head.currency, head.ledger, str(head.posted_on),
            head.source, str(part.total), str(number), line.general.number, *_sides(line),
            line.description,
        ]  # fmt: skip


def _sides(line: JournalLine) -> tuple[str, str]:
    """Debit and credit, one of them empty."""
    amount: Decimal = abs(line.amount)
    return (str(amount), "") if line.amount > 0 else ("", str(amount))


ROWS: Mapping[JournalFormat, Rows] = MappingProxyType(
    {
        JournalFormat.GENERIC: _generic,
        JournalFormat.SAP: _sap,
        JournalFormat.ORACLE: _oracle,
        JournalFormat.NETSUITE: _netsuite,
        JournalFormat.WORKDAY: _workday,
    }
)
