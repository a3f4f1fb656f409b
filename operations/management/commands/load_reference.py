from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from finance.services import load_reference as load_finance
from lots.services import load_reference as load_lots
from operations.services import load_reference as load_operations
from quality.services import load_reference as load_quality
from racks.services import load_reference as load_racks
from testing.services import load_reference as load_testing

ROOMS = {
    "lots": load_lots,
    "testing": load_testing,
    "quality": load_quality,
    "racks": load_racks,
    "finance": load_finance,
    "operations": load_operations,
}


class Command(BaseCommand):
    help = "Load products, routes, limits, rules, costs, roles and the schedule. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        for room, load in ROOMS.items():
            load()
            if options["verbosity"] > 1:
                self.stdout.write(f"{room}: reference loaded")
