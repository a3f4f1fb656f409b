"""What tests of every room share."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.fixtures import Settings

ROOMS = ["lots", "testing", "quality", "racks", "finance", "operations"]

USER_TRIGGERS = """
    SELECT DISTINCT tgrelid::regclass::text
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relowner = CURRENT_USER::regrole
"""


@pytest.fixture(scope="session", autouse=True)
def flush_empties_append_only_tables() -> Iterator[None]:
    """Triggers refuse TRUNCATE, as they should; only the flush between tests steps around them."""
    plain = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(USER_TRIGGERS)
            tables = [row[0] for row in cursor.fetchall()]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        plain(self, [*off, *sql_list, *on] if sql_list else [])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture
def reference(db: None) -> None:
    """Products, routes, limits, rules, sites, costs and roles, as a first start loads them."""
    for room in ROOMS:
        if find_spec(f"{room}.services") is not None:
            import_module(f"{room}.services").load_reference()


@pytest.fixture
def files_folder(settings: Settings, tmp_path: Path) -> Path:
    """A data folder of this test's own: stored files below `files`, the drop folder `inbox`."""
    storages = {**settings.STORAGES}
    options = {**storages["default"]["OPTIONS"], "location": tmp_path / "files"}
    storages["default"] = {**storages["default"], "OPTIONS": options}
    settings.STORAGES = storages
    settings.INBOX = tmp_path / "inbox"
    settings.INBOX.mkdir()
    return tmp_path
