"""Programs that read the books over HTTP."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission, User
from django.test import Client
from knox.models import AuthToken

LEDGER = "/api/v1/finance/ledger"


def client_of(user: User) -> Client:
    _, token = AuthToken.objects.create(user)
    return Client(headers={"Authorization": f"Bearer {token}"})


def ledger_reader() -> Client:
    """A program with a token, whose user may read the ledger."""
    user = User.objects.create_user("reader")
    user.user_permissions.add(Permission.objects.get(codename="view_ledgerentry"))
    return client_of(user)


def seen_at(client: Client, address: str) -> dict[str, str]:
    """The header that says what was looked at there, as an approval sends it."""
    return {"If-Match": client.get(address)["ETag"]}


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def ledger_rows(client: Client, **query: str | int) -> list[dict[str, Any]]:
    response = client.get(LEDGER, query)
    assert response.status_code == 200, response.content
    return list(response.json()["results"])
