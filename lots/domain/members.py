"""Which lot each unit or wafer was in, walked from where it was made through every move of lots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """A unit or a wafer by the id of its row."""

    is_wafer: bool
    id: int


@dataclass(frozen=True, slots=True)
class Birth:
    """What came to be in a lot. number: of the wafer, or of the one a die is on; None for none."""

    seq: int
    lot_id: int
    member: Member
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Parting:
    """What left a lot for another: all of it, wafers with their dies, or units that are named."""

    seq: int
    from_id: int
    to_id: int
    takes_all: bool = False
    numbers: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()

    def takes(self, birth: Birth) -> bool:
        """Whether what was born so goes along, if it is there."""
        if self.takes_all or birth.number in self.numbers:
            return True
        return not birth.member.is_wafer and birth.member.id in self.unit_ids


def lots_of_members(births: Iterable[Birth], partings: Iterable[Parting]) -> dict[Member, int]:
    """Member → lot it is in after all of these, given in any order.

    Who is born twice counts from the last time.
    """
    latest = {birth.member: birth for birth in sorted(births, key=lambda birth: birth.seq)}
    inside: dict[int, dict[Member, Birth]] = {}
    for birth in latest.values():
        inside.setdefault(birth.lot_id, {})[birth.member] = birth
    for parting in sorted(partings, key=lambda parting: parting.seq):
        there = inside.get(parting.from_id, {})
        gone = {
            member: birth
            for member, birth in there.items()
            if birth.seq < parting.seq and parting.takes(birth)
        }
        for member in gone:
            del there[member]
        inside.setdefault(parting.to_id, {}).update(gone)
    return {member: lot_id for lot_id, there in inside.items() for member in there}


@dataclass(frozen=True, slots=True)
class Stay:
    """A lot that something was in. seq: of the event it came by."""

    seq: int
    lot_id: int


def stays_of(birth: Birth, partings: Iterable[Parting]) -> list[Stay]:
    """Every lot it was in, in order, beginning with the one it was born in.

    partings: in any order, of those lots and of others.
    """
    stays = [Stay(birth.seq, birth.lot_id)]
    for parting in sorted(partings, key=lambda parting: parting.seq):
        is_here = parting.from_id == stays[-1].lot_id and parting.seq > birth.seq
        if is_here and parting.takes(birth):
            stays.append(Stay(parting.seq, parting.to_id))
    return stays
