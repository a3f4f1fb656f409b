"""The first sign-in, with a generated password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import transaction

PASSWORD_BYTES = 15


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who may sign in first. password: shown once, kept only as a hash."""

    username: str
    password: str


@transaction.atomic
def make_sign_in(*, username: str, replace: bool = False) -> SignIn | None:
    """A superuser with a new password; None when an active one exists and replace is false."""
    users = get_user_model()
    if not replace and users.objects.filter(is_superuser=True, is_active=True).exists():
        return None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    user = users.objects.filter(username=username).first() or users(username=username)
    user.is_staff = user.is_superuser = user.is_active = True
    user.set_password(password)
    user.save()
    return SignIn(username, password)
