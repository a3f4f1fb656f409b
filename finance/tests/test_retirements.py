"""Assets taken out of service for good: what is posted, and what the register says of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db.models import Sum
from pytest_django import DjangoAssertNumQueries

from finance.domain.journals import without_number
from finance.domain.words import Account, AssetState
from finance.models import LedgerEntry, PostingProfile
from finance.selectors.assets import AsOf, asset_register
from finance.selectors.journals import JournalQuery, journal
from finance.selectors.profiles import chart_of
from finance.selectors.reconciling import reconciliation
from finance.services import post_events
from finance.tests.line import command, scrapped
from finance.tests.readers import client_of, ledger_reader
from lots.models import Event, Lot
from lots.services import correct_event
from supplychain.base.errors import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servers")]
ASSETS = "/api/v1/finance/assets"
RETIRED = AssetState.RETIRED


@pytest.fixture
def before(servers: None) -> int:
    """The ledger's last line before anything was retired."""
    return LedgerEntry.objects.latest("seq").seq


@pytest.fixture
def retired(before: int) -> Event:
    return retire("S1-1")


def retire(serial: str, lot: str = "S1", reason: str = "end-of-life") -> Event:
    event = scrapped(Lot.objects.get(code=lot), reason, serials=(serial,))
    post_events()
    return event


def on(account: Account) -> Decimal:
    rows = LedgerEntry.objects.filter(account=account)
    return Decimal(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


def serials(state: AssetState | None = None) -> list[str]:
    return [one.serial for one in asset_register(state=state).assets]


def test_a_retirement_has_an_account_and_a_kind_of_its_own(retired: Event) -> None:
    gone = LedgerEntry.objects.get(account=Account.RETIREMENT)
    kept = LedgerEntry.objects.get(account=Account.FIXED_ASSET, source_seq=retired.seq)
    assert (gone.kind, gone.quantity, gone.reason) == ("retirement", 1, "end-of-life")
    assert gone.amount == -kept.amount == on(Account.FIXED_ASSET)
    assert on(Account.ABNORMAL_SCRAP) == on(Account.NORMAL_SCRAP) == 0
    assert all(row.is_proven for row in reconciliation().stocks)


def test_a_retired_asset_keeps_its_proof_and_says_when_it_went(before: int, retired: Event) -> None:
    (service,) = [one for one in asset_register().assets if one.lot == "S1"]
    (gone,) = asset_register(state=RETIRED).assets
    line = LedgerEntry.objects.get(account=Account.RETIREMENT)
    assert (service.serial, gone.serial) == ("S1-0", "S1-1")
    assert (gone.retired_on, gone.retired_seq) == (str(line.effective_on), retired.seq)
    assert (gone.accepted_seq, gone.in_service_on) == (
        service.accepted_seq, service.in_service_on,
    )  # fmt: skip
    assert (gone.amount, gone.chips, gone.state) == (line.amount, 4, RETIRED)
    assert (service.retired_on, service.retired_seq) == (None, None)


def test_the_register_is_narrowed_to_a_state(retired: Event) -> None:
    assert serials() == ["S1-0", "S2-0"]
    assert serials(AssetState.SERVICE) == ["S1-0"]
    assert serials(AssetState.CONSTRUCTION) == ["S2-0"]
    assert serials(RETIRED) == ["S1-1"]


def test_retired_ones_come_to_what_the_account_carries(retired: Event) -> None:
    retire("S1-0")
    (sums,) = asset_register(state=RETIRED).sums
    assert (sums.quantity, sums.chips, sums.amount) == (2, 8, on(Account.RETIREMENT))
    assert sums.amount_per_unit == sums.amount / 2
    assert serials() == ["S2-0"]


def test_a_retirement_that_was_a_mistake_is_no_more(retired: Event) -> None:
    correct_event(event=retired, command=command(reason="still runs"))
    assert serials(RETIRED) == ["S1-1"], "not posted yet"
    post_events()
    assert serials(RETIRED) == []
    assert serials() == ["S1-0", "S1-1", "S2-0"]
    assert on(Account.RETIREMENT) == 0


def test_what_is_scrapped_before_its_acceptance_is_no_retirement(before: int) -> None:
    retire("S2-0", "S2", "handling")
    assert serials(RETIRED) == []
    assert on(Account.ABNORMAL_SCRAP) > 0


def test_the_register_as_of_a_line_has_the_money_of_then(before: int, retired: Event) -> None:
    then = asset_register(as_of=AsOf(before))
    assert [(row.lot, row.quantity, row.serial) for row in then.assets] == [
        ("S1", 2, ""), ("S2", 1, ""),
    ]  # fmt: skip
    assert (then.sums[1].account, then.sums[1].chips) == (Account.FIXED_ASSET, None)
    assert then.sums[1].amount == on(Account.FIXED_ASSET) + on(Account.RETIREMENT)
    assert asset_register(state=RETIRED, as_of=AsOf(before)).assets == []
    now = AsOf(LedgerEntry.objects.latest("seq").seq)
    assert [row.serial for row in asset_register(state=RETIRED, as_of=now).assets] == ["S1-1"]


def test_an_acceptance_taken_back_later_counts_as_of_before(before: int) -> None:
    accepted = Lot.objects.get(code="S1").events.get(step_to__code="ACCEPT")
    correct_event(event=accepted, command=command(reason="not accepted yet"))
    post_events()
    assert serials(AssetState.SERVICE) == []
    (then,) = asset_register(state=AssetState.SERVICE, as_of=AsOf(before)).assets
    assert then.accepted_seq == accepted.seq


def test_the_register_as_of_a_day_leaves_out_later_facts(retired: Event) -> None:
    seq = LedgerEntry.objects.latest("seq").seq
    assert asset_register(as_of=AsOf(seq, date(2026, 3, 1))).assets == []
    late = asset_register(as_of=AsOf(seq, date(2030, 1, 1)))
    assert late.sums[0].amount == asset_register().sums[0].amount


def test_the_api_tells_retired_ones_when_asked(before: int, retired: Event) -> None:
    reader = ledger_reader()
    (gone,) = reader.get(ASSETS, {"state": "retired"}).json()["results"]
    assert (gone["serial"], gone["retired_seq"], gone["state"]) == ("S1-1", retired.seq, "retired")
    standing = reader.get(ASSETS).json()["results"]
    assert [row["serial"] for row in standing] == ["S1-0", "S2-0"]
    then = reader.get(ASSETS, {"as_of_seq": before}).json()
    assert (then["as_of_seq"], then["results"][0]["chips"]) == (before, None)
    again = client_of(User.objects.get(username="reader"))
    assert again.get(ASSETS, {"as_of_seq": before}).json() == then


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"state": "gone"}, 400),
        ({"as_of_seq": "x"}, 400),
        ({"as_of_date": "2026-02-30"}, 400),
        ({"as_of_seq": "99999999"}, 404),
        ({"retired": "yes"}, 400),
    ],
)
def test_what_cannot_be_asked_is_refused(query: dict[str, str], status: int) -> None:
    assert ledger_reader().get(ASSETS, query).status_code == status


def test_retired_ones_take_as_many_queries_for_two_as_for_one(
    retired: Event, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    retire("S1-0")
    with django_assert_max_num_queries(8):
        asset_register(state=RETIRED)


def test_a_profile_without_the_account_is_named(retired: Event) -> None:
    assert journal(JournalQuery("2026-03")).lines
    assert without_number(chart_of(PostingProfile.objects.get())) == []
    new = PostingProfile.objects.create(
        code="OLD", effective_on=date(2025, 1, 1), company="1",
        prepared_by=User.objects.create_user("ann"),
    )  # fmt: skip
    for account in PostingProfile.objects.get(code="CHART-2024").accounts.exclude(
        account="retirement"
    ):
        account.pk, account.profile = None, new
        account.save()
    with pytest.raises(RefusedError, match="no number for: retirement"):
        journal(JournalQuery("2026-03", profile="OLD"))
