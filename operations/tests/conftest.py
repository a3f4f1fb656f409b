from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from operations.tests.line import Line, build_line
from tests.kept_rows import ROOMS, kept, load_kept


@pytest.fixture(scope="module")
def line(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Line]:
    """The line, built once a module; what each test does to it is rolled back.

    Between tests Django would close the connection, and our transaction with it.
    """
    with (
        django_db_blocker.unblock(),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        patch.setattr(connection, "close", lambda: None)
        load_kept(*ROOMS)
        yield kept("line", build_line)
        transaction.set_rollback(True)


@pytest.fixture
def person(db: None) -> Callable[[str], User]:
    """A person with one role."""
    if not Group.objects.exists():
        load_kept("operations")

    def make(role: str) -> User:
        name = role.lower().replace(" ", "-")
        user = User.objects.create_user(name, password="a long test password", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        return user

    return make


@pytest.fixture
def as_role(person: Callable[[str], User], client: Client) -> Callable[[str], Client]:
    """The test client, signed in as a person with this role."""

    def enter(role: str) -> Client:
        client.force_login(person(role))
        return client

    return enter
