"""Assembly reports: which parts went into which package, sled, server or UltraServer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from intake.domain.errors import WaitingError
from intake.domain.mapping import AS_DOCUMENTED, ColumnMapping
from intake.domain.tables import header_of, table_lines
from intake.feeds.grouping import grouped_items
from intake.feeds.lookups import command_of
from intake.services.registry import FeedContext, FeedItem, RejectedItem
from lots.domain.commands import AssemblyOrder, Build, Part
from lots.domain.errors import HeldError, QuantityError, WrongStateError
from lots.domain.materials import named_materials
from lots.domain.words import LotState, UnitState
from lots.models import Lot, Unit
from lots.services import assemble_units

SHARED = ("event_id", "occurred_at", "supplier", "lot", "product", "route", "step")
OWN = ("serial", "position", "part_serial")
OPTIONAL = ("materials",)
"""Lots of parts without serials and how many of each, as in `HBM-1=8 HBM-2=4`."""
NAMED_MAX = 5


class AssemblyFeed:
    """All lines of one event are one assembly; it waits for its parts to be known."""

    kind = "assembly"
    columns = (*SHARED, *OWN, *OPTIONAL)

    def recognises(self, name: str, head: bytes) -> bool:
        return name.endswith(".assembly.csv") or {"event_id", *OWN} <= set(header_of(head))

    def parse(self, stream: IO[bytes]) -> Iterator[FeedItem | RejectedItem]:
        return self.parse_mapped(stream, AS_DOCUMENTED)

    def parse_mapped(
        self, stream: IO[bytes], mapping: ColumnMapping
    ) -> Iterator[FeedItem | RejectedItem]:
        """Operations in the order of their first lines."""
        lines = table_lines(stream, (*SHARED, *OWN), OPTIONAL, mapping)
        return grouped_items(
            lines, self.kind, SHARED, OWN, lambda values: values["event_id"], OPTIONAL
        )

    def apply(self, item: FeedItem, context: FeedContext) -> None:
        words = item.content
        order = AssemblyOrder(
            lot_code=words["lot"],
            product_code=words["product"],
            route_code=words["route"],
            step_code=words["step"],
            custodian_code=words["supplier"],
            builds=_builds(words["lines"]),
            materials=named_materials(words.get("materials", "")),
        )
        _require_known([part.serial for build in order.builds for part in build.parts])
        _require_lots([material.lot_code for material in order.materials])
        try:
            assemble_units(order=order, command=command_of(item, context, {}))
        except (HeldError, QuantityError, WrongStateError) as error:
            raise WaitingError(error.detail, **error.fields) from error


def _builds(lines: list[dict[str, str]]) -> tuple[Build, ...]:
    parts: dict[str, list[Part]] = {}
    for line in lines:
        part = Part(line["part_serial"], line["position"])
        parts.setdefault(line["serial"], []).append(part)
    return tuple(Build(serial, tuple(found)) for serial, found in parts.items())


def _require_known(serials: list[str]) -> None:
    there = Unit.objects.exclude(state=UnitState.WITHDRAWN)
    known = set(there.filter(serial__in=serials).values_list("serial", flat=True))
    missing = sorted(set(serials) - known)
    if missing:
        named = ", ".join(missing[:NAMED_MAX])
        raise WaitingError(
            f"{len(missing)} parts are not known yet, such as {named}.", serials=missing[:NAMED_MAX]
        )


def _require_lots(codes: list[str]) -> None:
    there = Lot.objects.exclude(state=LotState.WITHDRAWN)
    known = set(there.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
    missing = sorted(set(codes) - known)
    if missing:
        raise WaitingError(f"Lot {missing[0]} is not known yet.", lot=missing[0])
