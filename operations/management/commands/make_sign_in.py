from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.services import make_first_administrator


class Command(BaseCommand):
    help = (
        "Make the first administrator with a generated password and print both as JSON. "
        "Prints {} and changes nothing when somebody can sign in already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="admin", help="Name to sign in with.")

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_first_administrator(name=options["user"])
        answer = {"user": made.user.get_username(), "password": made.password} if made else {}
        self.stdout.write(json.dumps(answer))
