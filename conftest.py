"""What tests of every room share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests import kept_rows
from tests.browser.ear import Ear
from tests.kept_rows import ROOMS, load_kept

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a slow machine is no fault of the code

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser"])), None)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

TOGETHER = (
    "tests/acceptance/line/",
    "tests/browser/",
    "tests/launch/test_service",
    "simulator/tests/test_line.py",
)
"""Starts of test names: those that begin alike share something that takes long to make."""

USER_TRIGGERS = """
    SELECT DISTINCT tgrelid::regclass::text
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND relowner = CURRENT_USER::regrole
"""


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """One process for what belongs together, whichever is free for every other test.

    In place of xdist's own groups, which take the mark into a name that pytest 9 no longer reads.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((start for start in TOGETHER if nodeid.startswith(start)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """For `--dist loadgroup`; the other ways stay as they are."""
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Rows that many tests begin with are kept from the first on."""
    with django_db_blocker.unblock():
        kept_rows.remember_base()


@pytest.fixture(scope="session", autouse=True)
def flush_empties_append_only_tables() -> Iterator[None]:
    """Triggers refuse TRUNCATE, as they should; only the flush between tests steps around them.

    What migrations leave is left, too, and need not be made again after it.
    """
    plain = DatabaseOperations.execute_sql_flush

    def empty(self: DatabaseOperations, sql_list: list[str]) -> None:
        if kept_rows.flush():
            return
        with connection.cursor() as cursor:
            cursor.execute(USER_TRIGGERS)
            tables = [row[0] for row in cursor.fetchall()]
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        plain(self, [*off, *sql_list, *on] if sql_list else [])

    def emit(verbosity: int, interactive: bool, db: str) -> None:
        if not kept_rows.BASE.columns:
            emit_post_migrate_signal(verbosity, interactive, db)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", empty)
        patch.setattr("django.core.management.commands.flush.emit_post_migrate_signal", emit)
        yield


@pytest.fixture
def reference(db: None) -> None:
    """Products, routes, limits, rules, sites, costs and roles, as a first start loads them."""
    load_kept(*ROOMS)


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium. Playwright's own loop makes Django think it runs inside async code."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt install chromium)")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
            yield chromium
            chromium.close()


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh tab on the running site. Errors of its scripts fail the test, refusals do not."""
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 900}, locale="en-GB"
    )
    tab = context.new_page()
    tab.set_default_timeout(15_000)
    ear = Ear(tab)
    yield tab
    context.close()
    assert ear.failures() == []


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer) -> Callable[[User], Page]:
    """Sign this user in on the tab, without going through the form."""

    def enter(user: User) -> Page:
        client = Client()
        client.force_login(user)
        name = django_settings.SESSION_COOKIE_NAME
        cookie = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
        return page

    return enter
