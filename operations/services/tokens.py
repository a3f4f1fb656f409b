"""Tokens for programs: hashed, expiring, with the rights of one role."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction
from knox.models import AuthToken

from supplychain.base.errors import MissingError, RefusedError


@transaction.atomic
def make_token(*, username: str, role: str, days: int) -> str:
    """A new token, shown once. The user is made without a password if new; people are refused.

    RefusedError for a user who can sign in by password: a program must not act as a person.
    """
    group = Group.objects.filter(name=role).first()
    if group is None:
        known = ", ".join(Group.objects.order_by("name").values_list("name", flat=True))
        raise MissingError(f"There is no role {role!r}. Known: {known}.", role=role)
    users = get_user_model()
    user = users.objects.filter(username=username).first()
    if user is not None and user.has_usable_password():
        raise RefusedError(
            f"{username} is a person who signs in. Choose another name for the program.",
            username=username,
        )
    if user is None:
        user = users.objects.create_user(username)
    user.groups.set([group])
    _, token = AuthToken.objects.create(user, expiry=timedelta(days=days))
    return str(token)


@transaction.atomic
def revoke_tokens(*, username: str) -> int:
    """How many tokens of the user were taken back."""
    tokens = AuthToken.objects.filter(user__username=username)
    revoked, _ = tokens.delete()
    return int(revoked)
