"""Roles as groups of rights, and the first administrator."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from django.contrib.auth.models import Group, Permission, User
from django.db import transaction

ROLES = Path(__file__).resolve().parents[1] / "reference" / "roles.json"
ADMINISTRATOR = "Administrator"


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of rights. rights: `app.codename`, where * stands for anything."""

    name: str
    description: str
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A new user and the password nobody has seen yet."""

    user: User
    password: str


def load_roles() -> None:
    """Make or renew every role of the reference file; roles made by hand are left alone."""
    rights = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    with transaction.atomic():
        for role in read_roles():
            group, _ = Group.objects.get_or_create(name=role.name)
            group.permissions.set(
                permission
                for name, permission in rights.items()
                if any(fnmatchcase(name, pattern) for pattern in role.rights)
            )


def read_roles() -> list[Role]:
    """The roles as the reference file states them."""
    rows = json.loads(ROLES.read_text())["roles"]
    return [Role(row["name"], row["description"], tuple(row["rights"])) for row in rows]


@transaction.atomic
def make_first_administrator(*, name: str) -> SignIn | None:
    """An administrator with a generated password; None when anybody can sign in already."""
    if User.objects.filter(is_active=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = User.objects.create_superuser(name, password=password)
    user.groups.set(Group.objects.filter(name=ADMINISTRATOR))
    return SignIn(user, password)
