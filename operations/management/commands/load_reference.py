from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from operations.services import load_all_reference


class Command(BaseCommand):
    help = (
        "Load suppliers, products, routes, limits, costs, roles and the schedule. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rooms = load_all_reference()
        if options["verbosity"]:
            self.stdout.write(f"Reference data is loaded: {', '.join(rooms)}.")
