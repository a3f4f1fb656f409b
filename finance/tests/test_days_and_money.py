from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.domain.chain import GENESIS
from finance.domain.days import PeriodFacts, plant_day, posting_day, refuse_ahead
from finance.domain.entries import COLUMNS, Entry, entry_sha256, texts
from finance.domain.errors import DayAheadError, MissingPeriodError
from finance.domain.money import expected_count, rounded, share, worth
from finance.domain.queries import as_of_date, ledger_query
from finance.domain.words import PeriodState
from supplychain.base.errors import MalformedError

MARCH = PeriodFacts("2026-03", date(2026, 3, 1), date(2026, 3, 31), PeriodState.OPEN)
APRIL = PeriodFacts("2026-04", date(2026, 4, 1), date(2026, 4, 30), PeriodState.OPEN)

amounts = st.decimals(-10_000_000, 10_000_000, places=6)


@given(amounts, st.integers(1, 1000), st.data())
def test_a_share_and_the_rest_are_the_whole(
    amount: Decimal, whole: int, data: st.DataObject
) -> None:
    part = data.draw(st.integers(0, whole))
    taken = share(amount, part, whole)
    assert taken + share(amount - taken, whole - part, whole - part) == amount


@pytest.mark.parametrize(
    ("amount", "expected"), [("0.0000005", "0"), ("0.0000015", "0.000002"), ("-0.0000005", "0")]
)
def test_halves_round_to_even(amount: str, expected: str) -> None:
    assert rounded(Decimal(amount)) == Decimal(expected)


def test_nothing_is_never_minus_nothing() -> None:
    assert str(worth(Decimal(0), -7)) == "0.000000"


def test_worth_is_exact() -> None:
    assert worth(Decimal("0.333333"), 3) == Decimal("0.999999")


@pytest.mark.parametrize(("gross", "ratio", "good"), [(5, "0.5", 2), (7, "0.5", 4), (64, "1", 64)])
def test_expected_units_round_to_even(gross: int, ratio: str, good: int) -> None:
    assert expected_count(gross, Decimal(ratio)) == good


def test_the_plant_day_is_not_the_utc_day() -> None:
    late = datetime(2026, 3, 2, 3, tzinfo=UTC)
    assert plant_day(late, ZoneInfo("America/Los_Angeles")) == date(2026, 3, 1)


@pytest.mark.parametrize("hour", [9, 10])
def test_the_night_the_clocks_change_has_one_day(hour: int) -> None:
    at = datetime(2026, 3, 8, hour, tzinfo=UTC)
    assert plant_day(at, ZoneInfo("America/Los_Angeles")) == date(2026, 3, 8)


def test_clocks_may_be_a_day_apart_and_no_more() -> None:
    refuse_ahead(date(2026, 3, 2), date(2026, 3, 1))
    with pytest.raises(DayAheadError, match="2026-03-03, and that day has not come"):
        refuse_ahead(date(2026, 3, 3), date(2026, 3, 1))


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 31)])
def test_both_ends_of_a_period_belong_to_it(day: date) -> None:
    found = posting_day(day, [APRIL, MARCH])
    assert (found.period, found.is_prior) == ("2026-03", False)


def test_a_fact_of_a_closed_period_is_prior_in_the_next_open_one() -> None:
    closed = PeriodFacts("2026-03", date(2026, 3, 1), date(2026, 3, 31), PeriodState.CLOSED)
    found = posting_day(date(2026, 3, 5), [closed, APRIL])
    assert (found.effective_on, found.period, found.is_prior) == (date(2026, 3, 5), "2026-04", True)


def test_a_fact_after_the_last_period_has_nowhere_to_go() -> None:
    with pytest.raises(MissingPeriodError, match="2026-05-01"):
        posting_day(date(2026, 5, 1), [MARCH, APRIL])


NAMES = COLUMNS[:-1]


def entry(**known: object) -> Entry:
    return Entry(**{**dict.fromkeys(NAMES, ""), **known})  # type: ignore[arg-type]


def test_a_row_reads_the_same_in_every_export() -> None:
    made = entry(
        stage=None,
        amount=Decimal("-1.5"),
        is_prior_period=False,
        recorded_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        effective_on=date(2026, 3, 1),
    )
    row = dict(zip(NAMES, texts(made), strict=True))
    assert row["amount"] == "-1.500000"
    assert row["recorded_at"] == "2026-03-02T03:00:00.000000Z"
    assert (row["effective_on"], row["stage"], row["is_prior_period"]) == (
        "2026-03-01",
        "",
        "false",
    )


def test_a_changed_row_or_a_changed_past_changes_the_hash() -> None:
    hashes = {
        entry_sha256(entry(), GENESIS),
        entry_sha256(entry(lot="W2"), GENESIS),
        entry_sha256(entry(), "1" * 64),
    }
    assert len(hashes) == 3


def test_nothing_asked_is_the_whole_ledger() -> None:
    query = ledger_query({}, 100, 1000)
    assert (query.after_seq, query.limit, query.as_of_seq) == (0, 100, None)


@given(st.text(max_size=12))
def test_any_text_as_a_day_is_a_day_or_refused(word: str) -> None:
    try:
        found = as_of_date({"as_of_date": word})
    except MalformedError:
        return
    assert found is not None
    assert found.isoformat() == word
