from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from finance.domain.legs import Leg, Position
from finance.domain.posting import RULES
from finance.domain.posting_table import DOCUMENTS, TABLE, TableRow, rows_of, unnamed
from finance.domain.words import Account, EntryKind
from lots.domain.words import Verb

PLACE = Position(Account.INVENTORY, "wafer", "TRN3-DIE", "wafer", "US", "OSAT1")


def leg(account: Account, amount: int, quantity: int = 0, kind: str = "scrap") -> Leg:
    position = replace(PLACE, account=account)
    return Leg(EntryKind(kind), position, "W1", quantity, Decimal(amount))


def test_every_rule_has_rows_and_every_row_a_rule() -> None:
    named = {event for row in TABLE for event in row.events}
    assert named == {str(verb) for verb in RULES} | set(DOCUMENTS)


def test_every_kind_and_account_is_named() -> None:
    assert {row.kind for row in TABLE} == set(EntryKind)
    accounts = {account for row in TABLE for pair in row.pairs for account in pair}
    assert accounts == set(Account)


def row(**more: bool) -> TableRow:
    sides = (Account.INVENTORY, Account.VENDOR_OWNED)
    return TableRow((Verb.MOVE,), "as said", EntryKind.TRANSFER, sides, sides[:1], **more)


def test_a_row_names_pairs_one_way_either_way_or_of_one_account() -> None:
    ours, theirs = Account.INVENTORY, Account.VENDOR_OWNED
    assert row().pairs == {(ours, ours), (theirs, ours)}
    assert row(is_either_way=True).pairs == {(ours, ours), (theirs, ours), (ours, theirs)}
    assert row(is_same_account=True).pairs == {(ours, ours)}


def test_lines_that_the_table_names_are_not_found() -> None:
    legs = [leg(Account.INVENTORY, -5, -1), leg(Account.ABNORMAL_SCRAP, 5, 1)]
    assert unnamed(rows_of(Verb.SCRAP), legs) == []


def test_lines_of_another_event_are_found() -> None:
    legs = [leg(Account.INVENTORY, -5, -1), leg(Account.ABNORMAL_SCRAP, 5, 1)]
    assert len(unnamed(rows_of(Verb.MOVE), legs)) == 2


def test_a_line_on_the_wrong_side_is_found() -> None:
    legs = [leg(Account.INVENTORY, 5, 1), leg(Account.ABNORMAL_SCRAP, -5, -1)]
    assert len(unnamed(rows_of(Verb.SCRAP), legs)) == 2
    assert unnamed(rows_of(Verb.BONUS), legs) == []
    assert unnamed(rows_of(Verb.CORRECT, [Verb.SCRAP]), legs) == []


def test_a_line_of_another_kind_is_found() -> None:
    legs = [
        leg(Account.INVENTORY, -5, -1, kind="receipt"),
        leg(Account.ABNORMAL_SCRAP, 5, 1, kind="receipt"),
    ]
    assert len(unnamed(rows_of(Verb.SCRAP), legs)) == 2


@pytest.mark.parametrize(("quantity", "count"), [(1, 2), (0, 0)])
def test_units_tell_the_side_where_there_is_no_money(quantity: int, count: int) -> None:
    legs = [leg(Account.INVENTORY, 0, -quantity), leg(Account.NORMAL_SCRAP, 0, quantity)]
    assert unnamed(rows_of(Verb.SCRAP), legs) == []
    assert len(unnamed(rows_of(Verb.BONUS), legs)) == count
