from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.services.tokens import make_token, revoke_tokens
from supplychain.base.errors import SupplychainError

DAYS = 90


class Command(BaseCommand):
    help = "Make an API token for a program and print it, once. --revoke takes all its tokens back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="Name of the program, such as finance-export.")
        parser.add_argument("--role", default="Auditor", help="Whose rights it has.")
        parser.add_argument("--days", type=int, default=DAYS, help="How long it lives.")
        parser.add_argument("--revoke", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            count = revoke_tokens(username=options["username"])
            self.stdout.write(f"Tokens taken back: {count}.")
            return
        try:
            token = make_token(
                username=options["username"], role=options["role"], days=options["days"]
            )
        except SupplychainError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(token)
