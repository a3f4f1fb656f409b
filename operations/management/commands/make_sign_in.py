from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from operations.services import make_sign_in


class Command(BaseCommand):
    help = "Make the first administrator with a generated password, and print both as JSON, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")
        parser.add_argument(
            "--replace", action="store_true", help="Set a new password though one exists."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_sign_in(username=options["username"], replace=options["replace"])
        if made is None:
            self.stderr.write("An administrator exists. Use --replace for a new password.")
            return
        self.stdout.write(json.dumps({"username": made.username, "password": made.password}))
