"""Sites, racks and what is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from lots.domain.words import UnitKind
from lots.models import Unit
from lots.selectors import containers_of_each, hold_reasons, units_below
from operations.domain.rack_drawing import RackDrawing, SlotContent, draw_rack
from quality.domain.words import OPEN_STATES
from quality.models import Issue
from racks.models import Commissioning, Placement, Rack, RackPlacement, Site, Slot
from racks.selectors import Deployed, SlotView, deployed, rack_elevation
from supplychain.base.errors import MissingError

PLACEMENTS_MAX = 40
PAGE_RACKS, COUNTED_MAX = 100, 10_000
ORDER = ("position__hall__code", "position__row", "position__column")


@dataclass(frozen=True, slots=True)
class DeployedAtSite:
    """Systems, chips and power in place at one site, and each product there.

    system_count: servers of ours and finished systems of others.
    """

    site: str
    system_count: int
    chip_count: int
    megawatts: float
    products: tuple[Deployed, ...]


@dataclass(frozen=True, slots=True)
class DeployedEverywhere:
    """All sites together. Power is that of every unit that draws any, not of chips alone."""

    chip_count: int
    megawatts: float
    sites: tuple[DeployedAtSite, ...]


def deployed_everywhere() -> DeployedEverywhere:
    """One query over the open placements."""
    by_site: dict[str, list[Deployed]] = {}
    for row in deployed():
        by_site.setdefault(row.site, []).append(row)
    sites = tuple(
        DeployedAtSite(site, _systems(rows), _chips(rows), _megawatts(rows), tuple(rows))
        for site, rows in sorted(by_site.items())
    )
    return DeployedEverywhere(
        sum(site.chip_count for site in sites), sum(site.megawatts for site in sites), sites
    )


def _systems(rows: Sequence[Deployed]) -> int:
    return sum(row.unit_count for row in rows if row.is_system)


def _chips(rows: Sequence[Deployed]) -> int:
    return sum(row.unit_count for row in rows if row.is_chip)


def _megawatts(rows: Sequence[Deployed]) -> float:
    return sum(row.megawatts for row in rows)


def site_by_code(code: str) -> Site:
    """MissingError for an unknown code."""
    site = Site.objects.filter(code=code).first()
    if site is None:
        raise MissingError(f"There is no site {code}.")
    return site


@dataclass(frozen=True, slots=True)
class RackPage:
    """Some of a site's racks. count: of all, or None when too many to count; after: of the next."""

    racks: Sequence[RackPlacement]
    count: int | None
    after: int


def racks_at(site: Site, after: int = 0) -> RackPage:
    """Racks standing at the site, by hall and position, from behind the placement `after`.

    At most three queries; slots are counted for the racks shown only.
    """
    standing = RackPlacement.objects.filter(valid_to__isnull=True, position__hall__site=site)
    counted = standing.order_by()[: COUNTED_MAX + 1].count()
    last = standing.filter(pk=after).values_list(*ORDER).first() if after else None
    rows = standing if last is None else standing.filter(_behind(last))
    slots = Slot.objects.filter(rack=OuterRef("rack")).order_by().values("rack")
    filled = slots.filter(placements__valid_to__isnull=True, placements__isnull=False)
    shown = list(
        rows.select_related("rack", "position__hall")
        .annotate(
            slot_count=Coalesce(Subquery(slots.annotate(count=Count("id")).values("count")), 0),
            filled_count=Coalesce(Subquery(filled.annotate(count=Count("id")).values("count")), 0),
        )
        .order_by(*ORDER)[: PAGE_RACKS + 1]
    )
    return RackPage(
        shown[:PAGE_RACKS],
        counted if counted <= COUNTED_MAX else None,
        shown[PAGE_RACKS - 1].pk if len(shown) > PAGE_RACKS else 0,
    )


def _behind(last: tuple[Any, ...]) -> Q:
    """Places later in the order: each column counts where those before it are alike."""
    later, alike = Q(), Q()
    for column, value in zip(ORDER, last, strict=True):
        later |= alike & Q(**{f"{column}__gt": value})
        alike &= Q(**{column: value})
    return later


def rack_by_serial(serial: str) -> Rack:
    """MissingError for an unknown serial."""
    rack = Rack.objects.filter(serial=serial).first()
    if rack is None:
        raise MissingError(f"There is no rack {serial}.")
    return rack


def standing_of(rack: Rack) -> RackPlacement | None:
    """Where the rack stands now."""
    return (
        rack.placements.filter(valid_to__isnull=True).select_related("position__hall__site").first()
    )


@dataclass(frozen=True, slots=True)
class RackView:
    """A rack's slots from the bottom up, drawn, with chips counted."""

    drawing: RackDrawing
    slots: tuple[SlotView, ...]
    chip_count: int
    filled_count: int


def rack_view(rack: Rack) -> RackView:
    """Warns at slots whose unit holds parts of a held lot or has an open issue."""
    slots = rack_elevation(rack)
    units = [slot.unit for slot in slots if slot.unit is not None]
    warnings = _warnings(units)
    contents = [_content(slot, warnings) for slot in slots]
    chips = units_below([unit.pk for unit in units], [UnitKind.PACKAGE]).count()
    return RackView(draw_rack(contents), tuple(slots), chips, len(units))


def _content(slot: SlotView, warnings: dict[int, str]) -> SlotContent:
    if slot.unit is None:
        return SlotContent(slot.number, "", slot.kind.value, "", "")
    return SlotContent(
        number=slot.number,
        serial=slot.unit.serial,
        product=slot.unit.product.code,
        address=reverse("operations:unit-detail", args=[slot.unit.serial]),
        warning=warnings.get(slot.unit.pk, ""),
    )


def _warnings(units: Sequence[Unit]) -> dict[int, str]:
    """Unit id → why it needs a look."""
    ids = [unit.pk for unit in units]
    held = _holding_held_parts(ids)
    issues = Issue.objects.filter(unit__in=ids, state__in=OPEN_STATES)
    flagged = dict(issues.values_list("unit_id", "number"))
    return {
        unit_id: f"open issue {number}" for unit_id, number in flagged.items() if unit_id
    } | held


def _holding_held_parts(unit_ids: Sequence[int]) -> dict[int, str]:
    parts = units_below(unit_ids, [UnitKind.PACKAGE, UnitKind.DIE])
    lots = dict(parts.exclude(lot=None).values_list("id", "lot_id"))
    reasons = hold_reasons(list(set(lots.values())))
    suspects = [part for part, lot in lots.items() if lot in reasons]
    wanted = set(unit_ids)
    found: dict[int, str] = {}
    for part, chain in containers_of_each(suspects).items():
        for node in chain:
            if node.unit.pk in wanted:
                reason = "; ".join(reasons[lots[part]])
                found[node.unit.pk] = f"parts of a held lot: {reason}"
    return found


def commissionings_of(rack: Rack) -> QuerySet[Commissioning]:
    """Rounds of checks, newest first, with their readings."""
    return rack.commissionings.select_related("window").prefetch_related("readings").order_by("-id")


def moves_in(rack: Rack) -> QuerySet[Placement]:
    """What was put into the rack's slots and taken out, newest first."""
    return (
        Placement.objects.filter(slot__rack=rack)
        .select_related("unit__product", "slot")
        .order_by("-valid_from", "-id")[:PLACEMENTS_MAX]
    )
