from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations.services.tokens import (
    make_scoped_token,
    make_token,
    revoke_tokens,
    rotate_token,
)
from supplychain.base.errors import SupplychainError

DAYS = 90
OVERLAP_HOURS = 24


class Command(BaseCommand):
    help = "Make an API token for a program and print it, once. --revoke takes all its tokens back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="Name of the program, such as finance-export.")
        parser.add_argument("--role", default="Auditor", help="Whose rights it has.")
        parser.add_argument(
            "--right", action="append", default=[], help="This right alone, not a role's."
        )
        parser.add_argument("--days", type=int, default=DAYS, help="How long it lives.")
        parser.add_argument("--revoke", action="store_true")
        parser.add_argument(
            "--rotate", action="store_true", help="A new token; the old ones end after the overlap."
        )
        parser.add_argument("--overlap-hours", type=int, default=OVERLAP_HOURS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            count = revoke_tokens(username=options["username"])
            self.stdout.write(f"Tokens taken back: {count}.")
            return
        try:
            token = _made(**options)
        except SupplychainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(token)


def _made(
    *, username: str, role: str, right: list[str], days: int, rotate: bool, **rest: Any
) -> str:
    if rotate:
        overlap = timedelta(hours=rest["overlap_hours"])
        return rotate_token(username=username, days=days, overlap=overlap, now=timezone.now())
    if right:
        return make_scoped_token(username=username, rights=right, days=days)
    return make_token(username=username, role=role, days=days)
