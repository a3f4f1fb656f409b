"""What other apps have done with things since: whoever keeps it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from lots.models import Lot, Unit


@dataclass(frozen=True, slots=True)
class Origin:
    """Things that an event made known. wafer_ids: of wafers. lot: all of it too, None for not.

    since: only what was done from then on counts; None for all that was ever done.
    """

    units: QuerySet[Unit]
    wafer_ids: tuple[int, ...] = ()
    lot: Lot | None = None
    since: datetime | None = None


UseReader = Callable[[Origin], str]
"""The first use of any of these, as a clause; "" where there is none."""
_readers: dict[str, UseReader] = {}


def register_uses(name: str, reader: UseReader) -> None:
    """Say how an app finds uses; call it from its ready(). A later reader of the name replaces."""
    _readers[name] = reader


def first_use(origin: Origin) -> str:
    """What was done with one of these, in words; "" for nothing."""
    return next((use for name in sorted(_readers) if (use := _readers[name](origin))), "")
