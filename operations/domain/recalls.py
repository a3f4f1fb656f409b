"""What a suspect reached, counted by where it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from operations.domain.words import Place

PLACE_WORDS = {
    Place.WIP: "In process",
    Place.BANK: "Banked",
    Place.FINISHED: "Finished or in stock",
    Place.SHIPPED: "Shipped",
    Place.INSTALLED: "In a rack that stands nowhere",
    Place.DEPLOYED: "Deployed",
    Place.MISSING: "Missing",
    Place.SCRAPPED: "Scrapped or rejected",
}
IN_RACKS = frozenset({Place.INSTALLED, Place.DEPLOYED})
EXPOSED = frozenset(PLACE_WORDS) - {Place.SCRAPPED}
CHIP = "package"


@dataclass(frozen=True, slots=True)
class Share:
    """Things of one kind in one place. step: of WIP and bank; rack, site: of what is in a slot.

    lot: of what is in none. chips_inside: chips that run at a site in them, not listed themselves.
    """

    place: Place
    kind: str
    quantity: int
    step: str = ""
    rack: str = ""
    site: str = ""
    customer: str = ""
    lot: str = ""
    chips_inside: int = 0


@dataclass(frozen=True, slots=True)
class AffectedSystem:
    """An UltraServer with affected parts; without them it is not complete.

    racks: serials of the racks they are in, joined by commas. is_deployed: some stand at a site.
    """

    serial: str
    quantity: int
    racks: str
    site: str
    customer: str
    is_deployed: bool


@dataclass(frozen=True, slots=True)
class Total:
    """A named sum. kind: what is counted; quantity: of them."""

    name: str
    kind: str
    quantity: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one kind in one place: how much a case lists, and how much is still exposed."""

    place: Place
    kind: str
    listed: int
    left: int

    @property
    def name(self) -> str:
        """The place in words."""
        return PLACE_WORDS[self.place]

    @property
    def settled(self) -> int:
        """How much is exposed no more."""
        return self.listed - self.left


@dataclass(frozen=True, slots=True)
class Exposure:
    """Everything reached, by place. Scrapped material is told, but exposes nobody."""

    shares: tuple[Share, ...] = ()
    systems: tuple[AffectedSystem, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is exposed."""
        return self.quantity == 0

    @property
    def quantity(self) -> int:
        """Units, or counted material, that are exposed."""
        return _sum(share for share in self.shares if share.place in EXPOSED)

    @property
    def deployed_chip_count(self) -> int:
        """Affected chips that run at a site, by themselves or as parts of what is affected."""
        return sum(share.chips_inside for share in self.shares) + _sum(
            share for share in self.shares if share.place is Place.DEPLOYED and share.kind == CHIP
        )

    @property
    def rack_count(self) -> int:
        """Racks with affected material in their slots."""
        return len({share.rack for share in self.shares if share.place in IN_RACKS})

    @property
    def is_downstream(self) -> bool:
        """Whether some of it has left the line: shipped, or in a rack."""
        left = {Place.SHIPPED, *IN_RACKS}
        return any(share.place in left for share in self.shares)

    @property
    def by_place(self) -> list[Total]:
        """Sums by place and kind, in order of how far the material got."""
        return [
            total
            for place in PLACE_WORDS
            for total in _totals(self._at({place}), lambda share: PLACE_WORDS[share.place])
        ]

    @property
    def by_step(self) -> list[Total]:
        """Work in process and banked lots by step, in the order of their routes."""
        return _totals(self._at({Place.WIP, Place.BANK}), lambda share: share.step)

    @property
    def by_lot(self) -> list[Total]:
        """What is in no rack, by the lot it is in; note: where that is."""
        loose = self._at(EXPOSED - IN_RACKS)
        return _totals(loose, lambda share: share.lot, _place_note)

    @property
    def by_rack(self) -> list[Total]:
        """What is in rack slots, by rack; note: its site and customers."""
        return _totals(self._at(IN_RACKS), lambda share: share.rack, _rack_note)

    @property
    def by_customer(self) -> list[Total]:
        """What was shipped or is in racks, by customer; nameless where nobody is named."""
        return _totals(self._at({Place.SHIPPED, *IN_RACKS}), lambda share: share.customer)

    def _at(self, places: Iterable[Place]) -> list[Share]:
        wanted = set(places)
        return [share for share in self.shares if share.place in wanted]


def _totals(
    shares: Sequence[Share],
    name: Callable[[Share], str],
    note: Callable[[Sequence[Share]], str] = lambda _: "",
) -> list[Total]:
    groups: dict[tuple[str, str], list[Share]] = {}
    for share in shares:
        groups.setdefault((name(share), share.kind), []).append(share)
    return [
        Total(key, kind, _sum(members), note(members)) for (key, kind), members in groups.items()
    ]


def _place_note(shares: Sequence[Share]) -> str:
    return ", ".join(dict.fromkeys(PLACE_WORDS[share.place] for share in shares))


def _rack_note(shares: Sequence[Share]) -> str:
    sites = {share.site or "stands nowhere" for share in shares}
    customers = {share.customer for share in shares if share.customer}
    return ", ".join([*sorted(sites), *sorted(customers)])


def _sum(shares: Iterable[Share]) -> int:
    return sum(share.quantity for share in shares)
