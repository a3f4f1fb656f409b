"""Rows filled in are those that services made, and a flush leaves what migrations left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, IntegrityError, connection, transaction

from finance.tests.test_concurrency import together
from finance.tests.test_frozen_at_once import WAIT_SECONDS, wait_for_a_waiter
from lots.models import LedgerHead, Route, RouteVersion, Step, Supplier
from tests import kept_rows
from tests.kept_rows import BASE, ROOMS, Rows, kept, load_kept, read_rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("ours"),
]


@pytest.fixture
def ours(db: None) -> None:
    if not BASE.columns:
        pytest.skip("this server does not let us silence triggers")


def load() -> None:
    for room in ROOMS:
        import_module(f"{room}.services").load_reference()


def made_twice() -> None:
    pytest.fail("made twice")


def ordered(rows: Rows) -> Rows:
    return {table: sorted(lines) for table, lines in rows.items()}


def rolled_back(act: Callable[[], object]) -> Rows:
    """All rows after the act, which is undone."""
    with transaction.atomic():
        act()
        rows = read_rows()
        transaction.set_rollback(True)
    return ordered(rows)


def fresh(name: str) -> str:
    """A name that no other run of the same test in this process used."""
    return f"{name} {len(kept_rows.KEPT)}"


def test_reference_rows_filled_in_are_those_that_the_services_made() -> None:
    name = fresh("reference")
    made = rolled_back(lambda: kept(name, load))
    filled = rolled_back(lambda: kept(name, made_twice))
    assert sum(len(lines) for lines in made.values()) > 2_500
    assert made != ordered(BASE.rows)
    for table, lines in made.items():
        assert filled[table] == lines, table


def test_services_find_nothing_to_load_in_rows_filled_in() -> None:
    rolled_back(lambda: load_kept(*ROOMS))
    load_kept(*ROOMS)
    before = ordered(read_rows())
    load()
    after = ordered(read_rows())
    changed = {table for table, lines in after.items() if lines != before[table]}
    # The schedule is written again, as at every start.
    assert changed <= {"django_celery_beat_periodictask", "django_celery_beat_periodictasks"}


def test_rules_of_the_database_hold_for_rows_filled_in() -> None:
    rolled_back(lambda: load_kept("lots"))
    load_kept("lots")
    version = RouteVersion.objects.filter(released_at__isnull=False).earliest("id")
    with pytest.raises(DatabaseError, match="released"), transaction.atomic():
        Step.objects.filter(route_version=version).update(name="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.filter(route_version=version).update(route_version=0)
        connection.check_constraints()


def test_later_rows_get_numbers_of_their_own() -> None:
    rolled_back(lambda: load_kept("lots"))
    load_kept("lots")
    known = set(Supplier.objects.values_list("id", flat=True))
    assert Supplier.objects.create(code="NEW", name="New").pk > max(known)


def test_other_rows_have_them_made() -> None:
    name, made = fresh("group"), []

    def make() -> None:
        made.append(Group.objects.create(name="kept").pk)

    rolled_back(lambda: kept(name, make))
    Group.objects.create(name="of a test")
    kept(name, make)
    assert len(set(made)) == 2


def test_what_has_to_do_with_few_tables_is_filled_in_beside_other_rows() -> None:
    name, own = fresh("groups"), ("auth_group", "auth_group_permissions")

    def make() -> int:
        return Group.objects.create(name="kept").pk

    made = []
    rolled_back(lambda: made.append(kept(name, make, own=own)))
    Supplier.objects.create(code="NEW", name="New")
    assert kept(name, make, own=own) == made[0]
    Group.objects.all().delete()
    Group.objects.create(name="of a test")
    assert kept(name, make, own=own) > made[0]


def test_people_of_the_test_stay_beside_what_is_filled_in() -> None:
    name = fresh("people")
    rolled_back(lambda: kept(name, lambda: User.objects.create_user("kept")))
    ann = User.objects.create_user("ann")
    kept(name, made_twice)
    assert User.objects.get(username="ann") == ann
    assert User.objects.filter(username="kept").exists()


def test_what_stands_on_kept_rows_is_kept_too() -> None:
    lower, upper = fresh("lower"), fresh("upper")

    def make(code: str) -> int:
        return Supplier.objects.create(code=code, name=code).pk

    def both() -> list[int]:
        return [kept(lower, lambda: make("LOW")), kept(upper, lambda: make("HIGH"))]

    first = rolled_back(both)
    assert rolled_back(both) == first
    assert {upper, lower} <= {name for name, _ in kept_rows.KEPT}


def test_changed_row_of_a_migration_is_filled_in_as_changed() -> None:
    name = fresh("head")

    def make() -> None:
        LedgerHead.objects.update(seq=7)

    rolled_back(lambda: kept(name, make))
    kept(name, made_twice)
    assert LedgerHead.objects.get().seq == 7


def test_what_was_made_is_given_as_a_copy_with_its_files(tmp_path: Path) -> None:
    name, files = fresh("route"), tmp_path / "files"

    def make() -> list[Route]:
        (files / "deep").mkdir(parents=True)
        (files / "deep" / "one").write_text("kept")
        return [Route.objects.create(code="Z", name="Last")]

    rolled_back(lambda: kept(name, make, files).clear())
    (files / "deep" / "one").unlink()
    (route,) = kept(name, make, files)
    assert Route.objects.get(code="Z") == route
    assert (files / "deep" / "one").read_text() == "kept"


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_what_migrations_left() -> None:
    load()
    User.objects.create_user("ann")
    assert kept_rows.flush()
    assert ordered(read_rows()) == ordered(BASE.rows)
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert ordered(read_rows()) == ordered(BASE.rows)


@pytest.mark.django_db(transaction=True)
def test_flush_leaves_triggers_on() -> None:
    assert kept_rows.flush()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)


@pytest.mark.django_db(transaction=True)
def test_flush_outlasts_a_page_that_still_loads() -> None:
    first, last = min(BASE.columns), max(BASE.columns)
    User.objects.create_user("ann")
    is_reading = threading.Event()

    def load_page() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT FROM {last}")
            is_reading.set()
            wait_for_a_waiter()
            cursor.execute(f"SELECT FROM {first}")

    def flush() -> None:
        assert is_reading.wait(WAIT_SECONDS)
        assert kept_rows.flush()

    assert together(load_page, flush) == []
    assert ordered(read_rows()) == ordered(BASE.rows)
