"""Tokens for programs: hashed, expiring, with the rights of a role or those named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from knox.models import AuthToken

from supplychain.base.errors import MissingError, RefusedError


@transaction.atomic
def make_token(*, username: str, role: str, days: int) -> str:
    """A new token with the rights of a role, shown once. MissingError for an unknown role.

    The program's user is made without a password if new. RefusedError for a user who can sign in
    by password: a program must not act as a person.
    """
    group = Group.objects.filter(name=role).first()
    if group is None:
        known = ", ".join(Group.objects.order_by("name").values_list("name", flat=True))
        raise MissingError(f"There is no role {role!r}. Known: {known}.", role=role)
    user = _program(username)
    user.groups.set([group])
    user.user_permissions.clear()
    return _token(user, days)


@transaction.atomic
def make_scoped_token(*, username: str, rights: Sequence[str], days: int) -> str:
    """A new token with these rights alone, such as finance.view_ledgerentry, shown once.

    All tokens of the program have them from now on. MissingError for an unknown right.
    """
    user = _program(username)
    user.groups.clear()
    user.user_permissions.set([_permission(right) for right in rights])
    return _token(user, days)


@transaction.atomic
def rotate_token(*, username: str, days: int, overlap: timedelta, now: datetime) -> str:
    """A new token with the rights of the old ones, which end after the overlap at the latest.

    MissingError for a program without a token that holds.
    """
    tokens = AuthToken.objects.select_for_update().filter(user__username=username, expiry__gt=now)
    old = list(tokens)
    if not old:
        raise MissingError(f"{username} has no token that holds. Make one.", username=username)
    user = _program(username)
    tokens.filter(expiry__gt=now + overlap).update(expiry=now + overlap)
    return _token(user, days)


def _program(username: str) -> User:
    """Made if new; no person."""
    users = get_user_model()
    user = users.objects.filter(username=username).first()
    if user is not None and user.has_usable_password():
        raise RefusedError(
            f"{username} is a person who signs in. Choose another name for the program.",
            username=username,
        )
    return user or users.objects.create_user(username)


def _permission(right: str) -> Permission:
    app, _, codename = right.partition(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if found is None:
        raise MissingError(f"There is no right {right!r}. The API's page names them.", right=right)
    return found


def _token(user: User, days: int) -> str:
    _, token = AuthToken.objects.create(user, expiry=timedelta(days=days))
    return str(token)


@transaction.atomic
def revoke_tokens(*, username: str) -> int:
    """How many tokens of the user were taken back."""
    tokens = AuthToken.objects.filter(user__username=username)
    revoked, _ = tokens.delete()
    return int(revoked)
