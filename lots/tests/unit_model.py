"""A plain model of lots of chips with serials: which are good, lost, held and built in."""

from __future__ import annotations

from dataclasses import dataclass, field

Chips = frozenset[str]


@dataclass(frozen=True)
class Stand:
    """A lot of chips: those that are good and its own, those lost, and where it stands."""

    good: Chips
    lost: Chips = frozenset()
    state: str = "active"
    attempt: int = 0
    is_out: bool = False


@dataclass
class Model:
    """holds: id → lot, and the chips stopped; none for the whole lot. sleds: serial → its chips.

    withdrawn: lot taken back → chips that may come again; unbuilt: serials of sleds taken back.
    """

    withdrawn: dict[str, Chips] = field(default_factory=dict)
    unbuilt: list[str] = field(default_factory=list)
    lots: dict[str, Stand] = field(default_factory=dict)
    holds: dict[int, tuple[str, Chips]] = field(default_factory=dict)
    sleds: dict[str, dict[str, str]] = field(default_factory=dict)
    told: list[dict[str, tuple[int, str, int]]] = field(default_factory=list)

    def stops(self, code: str) -> list[Chips]:
        return [chips for lot, chips in self.holds.values() if lot == code]

    def is_whole_held(self, code: str) -> bool:
        return frozenset() in self.stops(code)

    def is_held(self, chip: str) -> bool:
        return any(chip in chips for _, chips in self.holds.values())

    def facts(self) -> dict[str, tuple[int, str, int]]:
        return {
            code: (len(one.good), one.state, len(self.stops(code)))
            for code, one in self.lots.items()
            if one.state != "withdrawn"
        }
