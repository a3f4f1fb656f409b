"""Bins that a program's own table does not name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quality.detectors.thresholds import thresholds
from quality.domain.findings import Evidence, Finding
from quality.domain.partial import resting_on
from quality.selectors.bin_tables import UnnamedBin, unnamed_bins

BINS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Thresholds:
    """None: the table of the program is the limit."""


class BinUnnamed:
    """Hard and soft bins of all insertions that count. The cause is the revision and the bin."""

    code = "bin-not-in-table"
    description = "Units ended in a bin that the bin table of their program does not name."

    def judge(
        self, lot_ids: Sequence[int], parameters: Mapping[str, Any], now: datetime
    ) -> list[Finding]:
        """One finding for each such bin of a lot at a step."""
        thresholds(Thresholds, parameters)
        bins = unnamed_bins(lot_ids, BINS_MAX)
        return resting_on((_finding(one) for one in bins), bins)


def _finding(one: UnnamedBin) -> Finding:
    lot, step = one.lot_step.lot, one.lot_step.step
    product = one.revision.program.product.code
    kind = one.kind.capitalize()
    return Finding(
        cause_key=f"{BinUnnamed.code}:{product}:{one.revision.pk}:{one.kind}:{one.number}",
        title=(
            f"{kind} bin {one.number} of {lot.code} at {step.code} is not in the table of "
            f"{one.revision}"
        ),
        lot_id=lot.pk,
        step_id=step.pk,
        revision=f"{lot.code} results {one.lot_step.revision}",
        evidence=Evidence(
            statistic="insertions in the bin",
            value=one.insertions,
            limit=0,
            n=one.insertions,
            method="bin-table-v1",
            facts={
                "kind": one.kind.value,
                "bin": one.number,
                "program": one.revision.program.code,
                "revision": one.revision.revision,
                "bins_in_the_table": ", ".join(map(str, one.known)),
            },
        ),
    )
