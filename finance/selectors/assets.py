"""The register: what stands in data centres, serial by serial, with its cost and its proof."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Sum

from finance.domain.registering import Asset, AssetSum, asset_sums, shares
from finance.domain.words import Account, AssetState
from finance.models import LedgerEntry
from finance.selectors.accepting import Acceptance, accepted_of
from finance.selectors.balances import rows_as_of
from finance.selectors.retiring import Retirement, retirements
from lots.domain.words import UnitKind, UnitState
from lots.models import Genealogy, Unit
from racks.selectors import Place, places_of

ASSETS = (Account.CONSTRUCTION, Account.FIXED_ASSET)
LOTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Register:
    """assets: by lot and serial; retired ones by day. sums: of them; they come to what the accounts

    carry.
    """

    assets: list[Asset]
    sums: list[AssetSum]


@dataclass(frozen=True, slots=True)
class AsOf:
    """The ledger up to a line, facts up to a plant day, if any."""

    seq: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    lot: str
    account: str
    item: str
    custodian: str
    watt: float | None
    quantity: int
    amount: Decimal
    retirement: Retirement | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What rows are told with. accepted: by lot. units: by place of the row."""

    accepted: Mapping[str, Acceptance]
    units: Mapping[int, list[Unit]]
    places: Mapping[int, Place]
    chips: Mapping[int, int]


def asset_register(
    *, lot: str = "", state: AssetState | None = None, as_of: AsOf | None = None
) -> Register:
    """Every unit that the books carry as under construction or in service; or those retired.

    lot: only of this one, for all of them may be many. state: only these. as_of: as the ledger
    stood, which knows lots: serials and chips of what was not retired, and places, only now.
    """
    rows = LedgerEntry.objects.all() if as_of is None else rows_as_of(as_of.seq, as_of.day)
    own = rows.filter(lot__code=lot) if lot else rows
    held = _retired(own) if state is AssetState.RETIRED else _standing(own)
    assets: list[Asset] = []
    for start in range(0, len(held), LOTS_AT_ONCE):
        part = held[start : start + LOTS_AT_ONCE]
        assets += _assets(part, _known(part, rows, is_now=as_of is None))
    wanted = [asset for asset in assets if state in {None, asset.state}]
    return Register(wanted, asset_sums(wanted))


def _standing(rows: QuerySet[LedgerEntry]) -> list[_Held]:
    sums: Any = (
        rows.filter(account__in=ASSETS)
        .order_by()
        .values("lot", "account", "item", "custodian", watt=F("item__power_watt"))
        .annotate(units=Sum("quantity"), money=Sum("amount"))
        .filter(units__gt=0)
        .order_by("lot", "account", "item", "custodian")
    )
    return [
        _Held(
            row["lot"], row["account"], row["item"], row["custodian"], row["watt"], row["units"],
            row["money"],
        )
        for row in sums
    ]  # fmt: skip


def _retired(rows: QuerySet[LedgerEntry]) -> list[_Held]:
    return [
        _Held(
            row.lot, Account.RETIREMENT, row.item, row.custodian, row.watt, row.quantity,
            row.amount, row,
        )
        for row in retirements(rows)
    ]  # fmt: skip


def _known(held: Sequence[_Held], rows: QuerySet[LedgerEntry], *, is_now: bool) -> _Known:
    units = _told(held, is_now=is_now)
    ids = [unit.pk for own in units.values() for unit in own]
    return _Known(
        accepted_of({row.lot for row in held if row.account != Account.CONSTRUCTION}, rows),
        units,
        places_of(ids) if is_now else {},
        chips_in(ids),
    )


def _told(held: Sequence[_Held], *, is_now: bool) -> dict[int, list[Unit]]:
    """Row → its units, where there are just as many as the books carry."""
    retired = {number: row.retirement for number, row in enumerate(held) if row.retirement}
    if retired:
        return _retired_units(retired)
    if not is_now:
        return {}
    units = _units([row.lot for row in held])
    booked: Counter[str] = Counter()
    for row in held:
        booked[row.lot] += row.quantity
    alone = Counter(row.lot for row in held)
    return {
        number: units[row.lot]
        for number, row in enumerate(held)
        if (len(units[row.lot]), alone[row.lot]) == (booked[row.lot], 1)
    }


def _retired_units(retired: Mapping[int, Retirement]) -> dict[int, list[Unit]]:
    ids = [pk for row in retired.values() for pk in row.unit_ids]
    units = Unit.objects.in_bulk(ids)
    return {
        number: sorted((units[pk] for pk in row.unit_ids), key=lambda unit: unit.serial)
        for number, row in retired.items()
        if len(row.unit_ids) == row.quantity
    }


def _assets(held: Sequence[_Held], known: _Known) -> list[Asset]:
    assets = []
    for number, row in enumerate(held):
        whole = _asset(row, known)
        units = known.units.get(number)
        if units is None:
            assets.append(whole)
            continue
        for unit, amount in zip(units, shares(row.amount, row.quantity), strict=True):
            assets.append(_told_apart(whole, unit, amount, known))
    return assets


def _asset(row: _Held, known: _Known) -> Asset:
    since = None if row.account == Account.CONSTRUCTION else known.accepted.get(row.lot)
    watt, gone = row.watt, row.retirement
    return Asset(
        serial="",
        item=row.item,
        lot=row.lot,
        account=row.account,
        custodian=row.custodian,
        in_service_on=str(since.day) if since else None,
        accepted_seq=since.seq if since else None,
        site="",
        rack="",
        slot=None,
        chips=None,
        kilowatts=watt * row.quantity / 1000 if watt is not None else None,
        amount=row.amount,
        quantity=row.quantity,
        retired_on=str(gone.day) if gone else None,
        retired_seq=gone.seq if gone else None,
    )


def _told_apart(whole: Asset, unit: Unit, amount: Decimal, known: _Known) -> Asset:
    kilowatts = whole.kilowatts / whole.quantity if whole.kilowatts is not None else None
    asset = replace(
        whole,
        serial=unit.serial,
        quantity=1,
        amount=amount,
        chips=known.chips[unit.pk],
        kilowatts=kilowatts,
    )
    place = known.places.get(unit.pk)
    if place is None:
        return asset
    return replace(asset, site=place.site, rack=place.rack, slot=place.slot)


def _units(lots: Iterable[str]) -> dict[str, list[Unit]]:
    """Good serials of the lots that are built into nothing, in order of serial."""
    built_in = Genealogy.objects.filter(child=OuterRef("pk"), valid_to__isnull=True)
    free = Unit.objects.filter(~Exists(built_in), lot__code__in=set(lots), state=UnitState.GOOD)
    found: dict[str, list[Unit]] = defaultdict(list)
    for unit in free.select_related("lot").order_by("serial"):
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
