from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from finance.domain.cost_table import Cost
from finance.domain.errors import FrozenCostError
from finance.models import CostVersion, Period
from finance.selectors.costs import cost_table, costs_of
from finance.services import approve_cost_version, soft_close_period
from finance.services.cost_import import import_costs
from supplychain.base.errors import ForbiddenError, RefusedError

HEAD = "item,stage,unit_cost,yield_ratio\n"
GOOD = HEAD + "TRN3-DIE,wafer,20000.5,\nTRN3-DIE,good-die,400,0.85\n"
DAY = "2026-04-01"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books")]


@pytest.fixture
def ann(books: None) -> User:
    user = User.objects.create_user("ann")
    user.user_permissions.add(Permission.objects.get(codename="add_costversion"))
    return user


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "costs.csv"
    path.write_text(GOOD)
    return path


def imported(preparer: User, text: str = GOOD, code: str = "STD-X") -> CostVersion:
    day = date.fromisoformat(DAY)
    return import_costs(code=code, effective_on=day, table=cost_table(text), preparer=preparer)


def run(table: Path, **options: str) -> str:
    told = StringIO()
    call_command(
        "import_costs", str(table), effective_on=date.fromisoformat(DAY), stdout=told, **options
    )
    return told.getvalue()


def test_imported_costs_wait_for_another_person(ann: User) -> None:
    version = imported(ann)
    assert costs_of(version) == {
        ("TRN3-DIE", "good-die", ""): Cost(Decimal(400), Decimal("0.85")),
        ("TRN3-DIE", "wafer", ""): Cost(Decimal("20000.5"), None),
    }
    with pytest.raises(ForbiddenError):
        approve_cost_version(version=version, approver=ann)
    approve_cost_version(version=version, approver=User.objects.create_user("bob"))


def test_costs_of_a_supplier_are_imported_beside_those_of_all_others(ann: User) -> None:
    head = HEAD.replace("\n", ",supplier\n")
    version = imported(ann, head + "TRN3-DIE,wafer,20000,,\nTRN3-DIE,wafer,21000,,MRVL\n")
    assert {key: cost.unit_cost for key, cost in costs_of(version).items()} == {
        ("TRN3-DIE", "wafer", ""): 20000,
        ("TRN3-DIE", "wafer", "MRVL"): 21000,
    }
    with pytest.raises(RefusedError, match="row 2: There is no supplier 'NOBODY'"):
        imported(ann, head + "TRN3-DIE,wafer,1,,NOBODY\n", "STD-Y")


def test_the_command_names_the_supplier_of_a_change(tmp_path: Path, books: None) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("item,stage,unit_cost,supplier\nTRN3-DIE,wafer,21000,MRVL\n")
    assert "TRN3-DIE wafer MRVL: none -> 21000.000000" in run(path)


def test_one_row_at_fault_imports_nothing(ann: User) -> None:
    with pytest.raises(RefusedError, match="row 3: There is no product 'CHIP'"):
        imported(ann, HEAD + "TRN3,wafer,1,\nCHIP,wafer,1,\n")
    with pytest.raises(RefusedError, match="no row"):
        imported(ann, HEAD)
    assert not CostVersion.objects.filter(code="STD-X").exists()


def test_a_code_is_used_once(ann: User) -> None:
    imported(ann)
    with pytest.raises(FrozenCostError, match="new code"):
        imported(ann, HEAD + "TRN3,wafer,1,\n")


def test_who_may_not_prepare_costs_imports_none() -> None:
    with pytest.raises(ForbiddenError, match="may not prepare"):
        imported(User.objects.create_user("eve"))


@pytest.mark.parametrize("change", ["UPDATE", "save"])
def test_the_database_keeps_who_prepared_costs(change: str, ann: User) -> None:
    version = imported(ann)
    version.prepared_by = User.objects.create_user("bob")
    with pytest.raises(DatabaseError, match="prepared by someone else"), transaction.atomic():
        if change == "save":
            version.save()
        else:
            CostVersion.objects.filter(pk=version.pk).update(prepared_by=version.prepared_by)


def test_the_database_keeps_who_prepared_a_close(ann: User) -> None:
    period = soft_close_period(period=Period.objects.latest("starts_on"), preparer=ann)
    period.prepared_by = User.objects.create_user("bob")
    with pytest.raises(DatabaseError, match="prepared by someone else"), transaction.atomic():
        period.save()


def test_a_preview_tells_changes_and_imports_nothing(table: Path) -> None:
    told = run(table)
    assert "TRN3-DIE wafer: 19500.000000 -> 20000.500000 (+2.57 %)" in told
    assert "-> none" in told
    assert "2 costs, 0 faults" in told
    assert "differ from STD-2024" in told
    assert not CostVersion.objects.filter(code="STD-X").exists()


def test_the_command_imports_in_the_name_of_its_preparer(table: Path, ann: User) -> None:
    assert "waits for somebody else's approval" in run(table, code="STD-X", preparer="ann")
    assert CostVersion.objects.get(code="STD-X").prepared_by == ann
    assert "2 costs, 0 faults, 0 differ from STD-X" in run(table, against="STD-X")


def test_the_command_names_faults_and_refuses(table: Path, ann: User) -> None:
    table.write_text(HEAD + "CHIP,wafer,1,\n")
    assert "row 2: There is no product 'CHIP'." in run(table)
    with pytest.raises(CommandError, match="Nothing was imported"):
        run(table, code="STD-X", preparer="ann")
    with pytest.raises(CommandError, match="together"):
        run(table, code="STD-X")
    with pytest.raises(CommandError, match="nobody called eve"):
        run(table, code="STD-X", preparer="eve")
    with pytest.raises(CommandError, match="no cost version NONE"):
        run(table, against="NONE")


def test_without_a_version_before_everything_is_new(table: Path) -> None:
    told = StringIO()
    call_command("import_costs", str(table), effective_on=date(1990, 1, 1), stdout=told)
    assert "none -> 20000.500000" in told.getvalue()
    assert "2 differ from nothing" in told.getvalue()
