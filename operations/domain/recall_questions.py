"""What a recall starts from, as it is asked, kept and asked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.domain.recall_zones import ZONE_WORDS, Zone
from operations.domain.words import Origin
from supplychain.base.errors import MalformedError

NAMES_MAX = 10_000
TEXT_MAX = 120
SAID_MAX = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One origin and what names it.

    names: lot codes, wafer codes, serials or a vendor's own codes, by origin. zone: of those
    wafers. equipment: a tester. since, until: when its runs were going. load: number of a burn-in
    run; board, socket: places in it, "" for any.
    """

    origin: Origin
    names: tuple[str, ...] = ()
    zone: Zone | None = None
    equipment: str = ""
    since: datetime | None = None
    until: datetime | None = None
    load: int | None = None
    board: str = ""
    socket: str = ""

    def __post_init__(self) -> None:
        for name in needed(self.origin):
            if getattr(self, name) in {None, "", ()}:
                raise MalformedError(f"A recall from {self.origin} needs {name}.", field=name)
        if len(self.names) > NAMES_MAX:
            raise MalformedError(f"Name at most {NAMES_MAX:,} at a time.", field="names")
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise MalformedError("until must be after since.", field="until")

    def __str__(self) -> str:
        named = ", ".join(self.names[:SAID_MAX])
        rest = len(self.names) - SAID_MAX
        return SAID[self.origin].format(
            named=f"{named} and {rest} more" if rest > 0 else named,
            zone=ZONE_WORDS[self.zone].split(":")[0] if self.zone else "",
            equipment=self.equipment,
            since=f"{self.since:%Y-%m-%d %H:%M %Z}" if self.since else "",
            until=f"{self.until:%Y-%m-%d %H:%M %Z}" if self.until else "",
            load=self.load,
            where="".join(
                f", {word} {value}"
                for word, value in (("board", self.board), ("socket", self.socket))
                if value
            ),
        )


SAID = {
    Origin.LOT: "Lot {named}",
    Origin.WAFER: "Wafer {named}",
    Origin.ZONE: "{zone} of wafer {named}",
    Origin.TESTER: "Tester {equipment} from {since} to {until}",
    Origin.OVEN: "Oven load {load}{where}",
    Origin.SERIALS: "Serial {named}",
    Origin.DECLARED: "Vendor's lot or wafer {named}, as declared",
}


def needed(origin: Origin) -> tuple[str, ...]:
    """What a question of this origin cannot do without."""
    if origin is Origin.TESTER:
        return ("equipment", "since", "until")
    if origin is Origin.OVEN:
        return ("load",)
    return ("names", "zone") if origin is Origin.ZONE else ("names",)


def question_values(question: Question) -> dict[str, Any]:
    """As plain values for a row; what is not asked is left out."""
    values = {
        "origin": question.origin.value,
        "names": list(question.names),
        "zone": question.zone.value if question.zone else None,
        "equipment": question.equipment,
        "since": question.since.isoformat() if question.since else None,
        "until": question.until.isoformat() if question.until else None,
        "load": question.load,
        "board": question.board,
        "socket": question.socket,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def question_of(values: Mapping[str, Any]) -> Question:
    """The question that a row's values stand for. MalformedError for one that asks for too much."""
    names = tuple(dict.fromkeys(_text(name) for name in values.get("names") or ()))
    return Question(
        origin=Origin(values["origin"]),
        names=names,
        zone=Zone(values["zone"]) if values.get("zone") else None,
        equipment=_text(values.get("equipment") or ""),
        since=_time(values.get("since")),
        until=_time(values.get("until")),
        load=values.get("load"),
        board=_text(values.get("board") or ""),
        socket=_text(values.get("socket") or ""),
    )


def _time(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if len(value) > TEXT_MAX or "\0" in value:
        raise MalformedError(
            f"A name has at most {TEXT_MAX} characters and no null character.", field="names"
        )
    return value.strip()
