"""The register: what stands in data centres, serial by serial, with its cost and its proof."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from finance.domain.registering import Asset, AssetSum, asset_sums, shares
from finance.domain.words import Account
from finance.models import LedgerEntry
from finance.selectors.accepting import Acceptance, accepted_of
from lots.domain.words import UnitKind, UnitState
from lots.models import Genealogy, Unit
from racks.selectors import Place, places_of

ASSETS = (Account.CONSTRUCTION, Account.FIXED_ASSET)
LOTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Register:
    """assets: by lot and serial. sums: of them; they come to what the accounts carry."""

    assets: list[Asset]
    sums: list[AssetSum]


@dataclass(frozen=True, slots=True)
class _Held:
    lot: str
    account: str
    item: str
    custodian: str
    quantity: int
    amount: Decimal


def asset_register(*, lot: str = "") -> Register:
    """Every unit that the books carry as under construction or in service, now.

    lot: only of this one, for all of them may be many.
    """
    held = _held(lot)
    assets: list[Asset] = []
    for start in range(0, len(held), LOTS_AT_ONCE):
        assets += _assets(held[start : start + LOTS_AT_ONCE])
    return Register(assets, asset_sums(assets))


def _held(lot: str) -> list[_Held]:
    rows = LedgerEntry.objects.filter(account__in=ASSETS)
    if lot:
        rows = rows.filter(lot__code=lot)
    sums: Any = (
        rows.order_by()
        .values("lot", "account", "item", "custodian")
        .annotate(units=Sum("quantity"), money=Sum("amount"))
        .filter(units__gt=0)
        .order_by("lot", "account", "item", "custodian")
    )
    return [
        _Held(row["lot"], row["account"], row["item"], row["custodian"], row["units"], row["money"])
        for row in sums
    ]


def _assets(held: list[_Held]) -> list[Asset]:
    units = _units([row.lot for row in held])
    booked: Counter[str] = Counter()
    for row in held:
        booked[row.lot] += row.quantity
    alone = Counter(row.lot for row in held)
    told = {lot for lot, count in booked.items() if (len(units[lot]), alone[lot]) == (count, 1)}
    ids = [unit.pk for lot in told for unit in units[lot]]
    places, chips = places_of(ids), chips_in(ids)
    accepted = accepted_of({row.lot for row in held if row.account == Account.FIXED_ASSET})
    assets = []
    for row in held:
        since = accepted.get(row.lot) if row.account == Account.FIXED_ASSET else None
        if row.lot not in told:
            assets.append(_asset(row, None, row.amount, since))
            continue
        for unit, amount in zip(units[row.lot], shares(row.amount, row.quantity), strict=True):
            asset = _asset(row, unit, amount, since)
            assets.append(_placed(asset, places.get(unit.pk), chips[unit.pk]))
    return assets


def _asset(row: _Held, unit: Unit | None, amount: Decimal, since: Acceptance | None) -> Asset:
    watt = unit.product.power_watt if unit else None
    return Asset(
        serial=unit.serial if unit else "",
        item=row.item,
        lot=row.lot,
        account=row.account,
        custodian=row.custodian,
        in_service_on=str(since.day) if since else None,
        accepted_seq=since.seq if since else None,
        site="",
        rack="",
        slot=None,
        chips=0,
        kilowatts=watt / 1000 if watt is not None else None,
        amount=amount,
        quantity=1 if unit else row.quantity,
    )


def _placed(asset: Asset, place: Place | None, chips: int) -> Asset:
    if place is None:
        return replace(asset, chips=chips)
    return replace(asset, chips=chips, site=place.site, rack=place.rack, slot=place.slot)


def _units(lots: Iterable[str]) -> dict[str, list[Unit]]:
    """Good serials of the lots that are built into nothing, in order of serial."""
    built_in = Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)
    free = Unit.objects.filter(~Exists(built_in), lot__code__in=set(lots), state=UnitState.GOOD)
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in free.select_related("product", "lot").order_by("serial"):
        assert unit.lot is not None, "asked for by its lot"
        found[unit.lot.code].append(unit)
    return found


def chips_in(unit_ids: Iterable[int]) -> dict[int, int]:
    """Unit → packages built into it, at any depth; zero for none. A query for each level."""
    counts = dict.fromkeys(unit_ids, 0)
    roots = {pk: pk for pk in counts}
    while roots:
        edges = Genealogy.objects.filter(
            parent__in=list(roots), valid_to__isnull=True, child__kind__in=BUILT
        )
        below: dict[int, int] = {}
        for parent, child, kind in edges.values_list("parent_id", "child_id", "child__kind"):
            if kind == UnitKind.PACKAGE:
                counts[roots[parent]] += 1
            else:
                below[child] = roots[parent]
        roots = below
    return counts


BUILT = [kind for kind in UnitKind if kind not in {UnitKind.DIE, UnitKind.COMPONENT}]
