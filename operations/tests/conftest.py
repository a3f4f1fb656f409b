from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from operations.tests.line import Line, build_line


@pytest.fixture
def line(reference: None, files_folder: object) -> Line:
    return build_line()


@pytest.fixture
def person(reference: None) -> Callable[[str], User]:
    """A person with one role."""

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
