"""What lots are worth to whoever judges an issue. Rooms that know money register here, downward."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal

from lots.models import Lot
from quality.domain.stakes import Raising, Stake
from quality.models import Rule

Valuer = Callable[[Collection[int]], Mapping[int, tuple[Decimal, str]]]
"""Ids of lots → amount and currency that the books carry each at; without those they do not."""

_valuers: list[Valuer] = []


def register_valuer(valuer: Valuer) -> None:
    """Make known who tells what lots are carried at; call it from an app's ready()."""
    if valuer not in _valuers:
        _valuers.append(valuer)


def stake_of(lot_id: int | None) -> Stake | None:
    """What stands at risk with the lot now; None for no lot."""
    if lot_id is None:
        return None
    units = Lot.objects.values_list("quantity", flat=True).get(pk=lot_id)
    for valuer in _valuers:
        if found := valuer([lot_id]).get(lot_id):
            return Stake(units, *found)
    return Stake(units)


def raising_of(rule: Rule) -> Raising:
    """From how much on issues of the rule are a step more severe."""
    return Raising(rule.raise_from_units, rule.raise_from_amount)
