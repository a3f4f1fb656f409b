"""A tenth of a fleet and the whole, one after the other in one database: how costs grow."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.management import call_command

from benchmarks.lots import pages, traces
from benchmarks.lots.fleet import Fleet
from benchmarks.lots.fleet_wip import add_work
from lots.services import load_reference

SHARE = 10


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured at one size; empty where it was not asked."""

    chips: int
    traces: traces.Figures | None
    pages: dict[str, pages.Cost]


def main(chips: int, parts: Sequence[str]) -> None:
    """Print what each part costs at both sizes. parts: traces, pages."""
    load_reference()
    add_work()
    fleet = Fleet()
    small = _measured(fleet, chips // SHARE, parts)
    whole = _measured(fleet, chips, parts)
    if small.traces and whole.traces:
        traces.told(small.traces, whole.traces, (small.chips, whole.chips))
    if small.pages:
        pages.told(small.pages, whole.pages)


def _measured(fleet: Fleet, chips: int, parts: Sequence[str]) -> Size:
    """Grown to so many chips; the ledger is proven first, as the guards were off."""
    begun = time.perf_counter()
    fleet.grow(chips)
    sys.stdout.write(f"{fleet.chips:,} chips in place after {time.perf_counter() - begun:.0f} s. ")
    call_command("verify_ledger")
    return Size(
        fleet.chips,
        traces.figures(fleet.groups) if "traces" in parts else None,
        pages.costs() if "pages" in parts else {},
    )
