from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def reader(db: None) -> User:
    """May see users, and nothing else."""
    user = User.objects.create_user("reader", password="a password of the test")
    user.user_permissions.add(Permission.objects.get(codename="view_user"))
    return user


@pytest.fixture
def api(client: Client, reader: User) -> Client:
    """Signed in as the reader; a failure becomes an answer, as in production."""
    client.force_login(reader)
    client.raise_request_exception = False
    return client
