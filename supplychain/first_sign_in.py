"""The administrator of a fresh installation, with a password nobody else has."""

from __future__ import annotations

import os
from pathlib import Path

from django.contrib.auth.models import User
from django.db import transaction

from operations.services import make_first_administrator

NAME = "admin"


def ensure_sign_in(path: Path) -> None:
    """Make `admin` if there is no administrator yet, and keep the password in this file.

    The file is readable by us only, and goes away once the password in it no longer holds.
    """
    with transaction.atomic():
        made = make_first_administrator(name=NAME)
        if made is not None:
            _write_private(path, f"{made.user.get_username()}\n{made.password}\n")
    if made is None and path.exists() and not _holds(path):
        path.unlink()


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def _holds(path: Path) -> bool:
    name, password = path.read_text().split()
    user = User.objects.filter(username=name, is_active=True).first()
    return user is not None and user.check_password(password)
