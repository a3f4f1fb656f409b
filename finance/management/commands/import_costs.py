from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from finance.domain.cost_table import Cost, CostChange, cost_changes
from finance.selectors.costs import cost_table, cost_version, costs_of, version_before
from finance.services.cost_import import import_costs
from supplychain.base.errors import SupplychainError


class Command(BaseCommand):
    help = (
        "Show what a CSV of standard costs (item, stage, unit_cost; yield_ratio, supplier) would "
        "change. "
        "With --code and --preparer, import it as a version that someone else approves."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", type=Path)
        parser.add_argument("--effective-on", type=date.fromisoformat, required=True)
        parser.add_argument("--against", help="Code of a version, instead of the one before.")
        parser.add_argument("--code", help="Import under this code.")
        parser.add_argument("--preparer", help="Whose work it is.")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["code"]) != bool(options["preparer"]):
            raise CommandError("Give --code and --preparer together, or neither to look only.")
        try:
            self._run(**options)
        except (SupplychainError, OSError, UnicodeError) as error:
            raise CommandError(str(error)) from error

    def _run(self, *, table: Path, effective_on: date, **options: Any) -> None:
        found = cost_table(table.read_text(encoding="utf-8"))
        for fault in found.faults:
            self.stdout.write(f"row {fault.row}: {fault.reason}")
        named = options["against"]
        before = cost_version(named) if named else version_before(effective_on)
        changes = cost_changes(costs_of(before), found.costs)
        for change in changes:
            self.stdout.write(_line(change))
        self.stdout.write(
            f"{len(found.costs)} costs, {len(found.faults)} faults, {len(changes)} differ from "
            f"{before.code if before else 'nothing'}"
        )
        if not options["code"]:
            return
        person = get_user_model().objects.filter(username=options["preparer"]).first()
        if person is None:
            raise CommandError(f"There is nobody called {options['preparer']}.")
        version = import_costs(
            code=options["code"], effective_on=effective_on, table=found, preparer=person
        )
        self.stdout.write(f"imported as {version.code}; it waits for somebody else's approval")


def _line(change: CostChange) -> str:
    ratio = "" if change.ratio is None else f" ({100 * change.ratio:+.2f} %)"
    name = " ".join(filter(None, (change.item, change.stage, change.supplier)))
    return f"{name}: {_text(change.before)} -> {_text(change.after)}{ratio}"


def _text(cost: Cost | None) -> str:
    if cost is None:
        return "none"
    return f"{cost.unit_cost:.6f}" + (f" at {cost.yield_ratio:.6f}" if cost.yield_ratio else "")
