"""Plans of assets: imported whole, approved by another, frozen, and compared with the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.db import DatabaseError, connection, transaction

from finance.domain.plan_table import PlanTable
from finance.domain.words import Account
from finance.models import AssetPlan, AssetPlanLine, LedgerEntry
from finance.selectors.asset_plans import (
    asset_plan,
    plan_in_force,
    plan_table,
    plan_view,
    planned_lines,
)
from finance.services import approve_asset_plan, import_asset_plan, post_events
from finance.tests.line import scrapped
from finance.tests.readers import client_of, ledger_reader
from lots.models import Lot
from supplychain.base.errors import ConflictError, ForbiddenError, MissingError, RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]
TABLE = (
    "item,month,quantity,unit_cost\n"
    "TRN3-SRV4,2026-03,3,27000\n"
    "TRN3-SRV4,2026-05,1,28000\n"
    "TRN3-US144,2026-04,1,1100000\n"
)
FIRST = date(2026, 1, 1)
TODAY = date(2026, 4, 15)
HERE = "/api/v1/finance/asset-plan"


def person(name: str, *rights: str) -> User:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


@pytest.fixture
def ann(books: None) -> User:
    return person("ann", "add_assetplan", "approve_assetplan")


@pytest.fixture
def bob(books: None) -> User:
    return person("bob", "approve_assetplan")


@pytest.fixture
def draft(ann: User) -> AssetPlan:
    return imported(ann)


@pytest.fixture
def plan(draft: AssetPlan, bob: User) -> AssetPlan:
    return approve_asset_plan(plan=draft, approver=bob)


def imported(preparer: User, code: str = "P1", text: str = TABLE) -> AssetPlan:
    return import_asset_plan(
        code=code, effective_on=FIRST, table=plan_table(text), preparer=preparer
    )


def test_a_table_becomes_a_draft_with_all_its_lines(draft: AssetPlan) -> None:
    assert (draft.approved_at, draft.prepared_by.username) == (None, "ann")
    assert planned_lines(draft) == plan_table(TABLE).lines
    assert plan_in_force(TODAY) is None


def test_only_what_is_put_up_can_be_planned() -> None:
    table = plan_table("item,month,quantity,unit_cost\nTRN3-DIE,2026-03,1,1\n")
    assert [fault.reason for fault in table.faults] == ["There is no product 'TRN3-DIE'."]


def test_a_table_at_fault_leaves_nothing(ann: User) -> None:
    with pytest.raises(RefusedError, match="1 rows cannot be taken"):
        imported(ann, text=f"{TABLE}NONE,2026-03,1,1\n")
    with pytest.raises(RefusedError, match="no row"):
        import_asset_plan(code="P1", effective_on=FIRST, table=PlanTable({}, []), preparer=ann)
    assert not AssetPlan.objects.exists()


def test_a_code_is_taken_once(draft: AssetPlan, ann: User) -> None:
    with pytest.raises(ConflictError, match="There is a plan of assets P1 already"):
        imported(ann)


def test_who_may_not_prepare_or_approve_is_refused(draft: AssetPlan, bob: User) -> None:
    with pytest.raises(ForbiddenError, match="may not prepare"):
        imported(bob, "P2")
    with pytest.raises(ForbiddenError, match="may not approve"):
        approve_asset_plan(plan=draft, approver=person("cy"))


def test_nobody_approves_what_they_prepared(draft: AssetPlan, ann: User) -> None:
    with pytest.raises(ForbiddenError, match="Ask a colleague"):
        approve_asset_plan(plan=draft, approver=ann)


def test_it_is_approved_once_and_alone_on_its_day(plan: AssetPlan, ann: User, bob: User) -> None:
    with pytest.raises(RefusedError, match="approved before"):
        approve_asset_plan(plan=plan, approver=bob)
    with pytest.raises(RefusedError, match="P1 applies from 2026-01-01 too"):
        approve_asset_plan(plan=imported(ann, "P2"), approver=bob)
    assert plan_in_force(TODAY) == plan
    assert plan_in_force(date(2025, 12, 31)) is None


def test_a_plan_without_lines_is_not_approved(draft: AssetPlan, bob: User) -> None:
    draft.lines.all().delete()
    with pytest.raises(RefusedError, match="no line"):
        approve_asset_plan(plan=draft, approver=bob)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE finance_assetplan SET code = 'X'",
        "DELETE FROM finance_assetplan",
        "UPDATE finance_assetplanline SET quantity = 9",
        "DELETE FROM finance_assetplanline",
        (
            "INSERT INTO finance_assetplanline (plan_id, item, month, quantity, unit_cost)"
            " SELECT id, 'TRN3-SRV4', '2026-12', 1, 1 FROM finance_assetplan"
        ),
        "TRUNCATE finance_assetplanline",
        "TRUNCATE finance_assetplan CASCADE",
    ],
)
def test_the_database_keeps_an_approved_plan(plan: AssetPlan, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_keeps_the_preparer_and_the_order(draft: AssetPlan, bob: User) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        AssetPlan.objects.update(prepared_by=bob)
    with pytest.raises(DatabaseError), transaction.atomic():
        AssetPlan.objects.create(
            code="P3", effective_on=TODAY, prepared_by=bob, approved_by=draft.prepared_by,
            approved_at="2026-01-01T00:00Z",
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="four_eyes"), transaction.atomic():
        AssetPlan.objects.update(approved_by=draft.prepared_by, approved_at="2026-01-01T00:00Z")


@pytest.mark.parametrize(
    ("column", "value"),
    [("unit_cost", -1), ("unit_cost", 10**12), ("chip_cost", -1), ("quantity", 1_000_001)],
)
def test_the_database_refuses_figures_that_cannot_be(
    draft: AssetPlan, column: str, value: int
) -> None:
    with pytest.raises(DatabaseError, match="within"), transaction.atomic():
        AssetPlanLine.objects.update(**{column: value})


@pytest.mark.usefixtures("servers")
def test_actual_against_plan_by_month(plan: AssetPlan) -> None:
    seq = LedgerEntry.objects.latest("seq").seq
    view = plan_view(plan, as_of_seq=seq, today=TODAY)
    rows = {(one.item, one.month): one for one in view.months}
    assert len(rows) == 6
    march = rows["TRN3-SRV4", "2026-03"]
    assert (march.quantity.planned, march.quantity.actual) == (Decimal(3), Decimal(2))
    carried = LedgerEntry.objects.filter(account=Account.FIXED_ASSET)
    cost = sum(line.amount for line in carried) / 2
    assert (march.unit.planned, march.unit.actual) == (Decimal(27_000), cost)
    assert (march.chip.planned, march.chip.actual) == (Decimal(6750), cost / 4)
    assert rows["TRN3-SRV4", "2026-05"].quantity.actual is None
    assert rows["TRN3-US144", "2026-04"].chip.planned == Decimal("7638.888889")
    assert [(one.item, one.month) for one in view.latest] == [
        ("TRN3-SRV4", "2026-04"), ("TRN3-US144", "2026-04"),
    ]  # fmt: skip


@pytest.mark.usefixtures("servers")
def test_a_retirement_lowers_what_is_in_service(plan: AssetPlan) -> None:
    before = LedgerEntry.objects.latest("seq").seq
    scrapped(Lot.objects.get(code="S1"), "end-of-life", serials=("S1-1",))
    post_events()
    now = LedgerEntry.objects.latest("seq").seq
    actual = [
        plan_view(plan, as_of_seq=seq, today=TODAY).months[0].quantity.actual
        for seq in (before, now)
    ]
    assert actual == [2, 1]


@pytest.mark.usefixtures("servers")
def test_facts_up_to_a_day_leave_later_months_open(plan: AssetPlan) -> None:
    seq = LedgerEntry.objects.latest("seq").seq
    view = plan_view(plan, as_of_seq=seq, today=TODAY, day=date(2026, 2, 28))
    assert {one.quantity.actual for one in view.months} == {None}
    assert [one.month for one in view.latest] == ["2026-03", "2026-03"]


def test_an_unknown_plan_is_named() -> None:
    with pytest.raises(MissingError, match="no plan of assets NONE"):
        asset_plan("NONE")


@pytest.mark.usefixtures("servers")
def test_the_api_tells_it_and_nothing_without_a_plan(draft: AssetPlan, bob: User) -> None:
    assert ledger_reader().get(HERE).status_code == 403
    reader = client_of(person("looker", "view_assetplan"))
    nothing = reader.get(HERE).json()
    assert (nothing["plan"], nothing["results"]) == (None, [])
    named = reader.get(HERE, {"plan": "P1"}).json()
    assert named["results"][0]["quantity"] == {
        "planned": "3", "actual": "2", "difference": "-1",
        "ratio": "-0.333333",
    }  # fmt: skip
    approve_asset_plan(plan=draft, approver=bob)
    again = reader.get(HERE).json()
    assert (again["plan"], again["results"]) == ("P1", named["results"])


@pytest.mark.parametrize(
    ("query", "status"),
    [({"plan": "NONE"}, 404), ({"as_of_seq": "-1"}, 400), ({"as_of_date": "soon"}, 400),
     ({"month": "2026-03"}, 400)],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(query: dict[str, str], status: int) -> None:
    reader = client_of(person("looker", "view_assetplan"))
    assert reader.get(HERE, query).status_code == status
