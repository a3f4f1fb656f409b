"""What is approved is what was looked at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from finance.domain.told import refuse_unseen, told
from supplychain.base.errors import MalformedError, StaleError

SHOWN = told(("STD", date(2027, 1, 1), None), [("TRN3", Decimal("1.50")), ("TRN2", None)])


def test_rows_are_text_and_nothing_is_empty() -> None:
    assert SHOWN.rows == (("STD", "2027-01-01", ""), ("TRN3", "1.50"), ("TRN2", ""))


def test_cells_do_not_run_into_each_other() -> None:
    assert told(("a", "b"), ()).sha256 != told(("ab", ""), ()).sha256
    assert told(("a",), [("b",)]).sha256 != told(("a", "b"), ()).sha256


def test_what_was_seen_may_be_approved() -> None:
    refuse_unseen(SHOWN.sha256, SHOWN)
    refuse_unseen(None, SHOWN)


def test_another_than_was_seen_is_refused() -> None:
    with pytest.raises(StaleError, match="It changed since you looked at it"):
        refuse_unseen(told(("STD",), ()).sha256, SHOWN)


def test_who_looked_at_nothing_approves_nothing() -> None:
    with pytest.raises(MalformedError, match="Say what you looked at"):
        refuse_unseen("", SHOWN)
