"""One run as its page shows it: every figure from the run's own rows, whatever else is stored."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intake.models import RawFile, RejectedRecord
from lots.domain.words import BinKind
from operations.domain.cross_checks import (
    Check,
    Circumstances,
    Counted,
    check,
    check_bins,
    merged_agreements,
)
from operations.domain.run_parameters import (
    Bar,
    ParameterLine,
    Sample,
    capabilities,
    pareto,
)
from quality.domain.dispersion import Count
from quality.domain.multiplicity import benjamini_hochberg
from quality.domain.proportions import SiteVerdict, compare_sites
from testing.domain.program_changes import LimitChange
from testing.domain.words import place_name
from testing.models import BinDefinition, Run, RunWafer
from testing.selectors import (
    RunCount,
    RunParameters,
    own_limits,
    run_counts,
    run_parameters,
)

REJECTED_MAX = 100
LIMITS_MAX = 100


@dataclass(frozen=True, slots=True)
class SiteLine:
    """Insertions of one site. verdict: against the other sites; None where there is one site.

    site: with its head before it where the run has several.
    """

    site: str
    insertions: int
    passed: int
    verdict: SiteVerdict | None

    @property
    def ratio(self) -> float:
        return self.passed / self.insertions


@dataclass(frozen=True, slots=True)
class BinLine:
    """Units of a bin by their last insertion in the run, and all insertions that ended there."""

    kind: str
    number: int | None
    name: str
    is_pass: bool
    units: int
    insertions: int
    share: float


@dataclass(frozen=True, slots=True)
class RunView:
    """file: None where the run was recorded without one. outcomes: word → insertions.

    own_limits: the first tests whose limits in the file are not the program's. changed_limits,
    datalog: as the file's summary has them; of files loaded before they were kept, nothing.
    """

    run: Run
    file: RawFile | None
    notes: tuple[str, ...]
    rejected: tuple[RejectedRecord, ...]
    outcomes: tuple[tuple[str, int], ...]
    checks: tuple[Check, ...]
    sites: tuple[SiteLine, ...]
    bins: tuple[BinLine, ...]
    wafers: tuple[RunWafer, ...]
    own_limits: tuple[LimitChange, ...]
    own_limit_count: int
    changed_limits: Sequence[Mapping[str, Any]]
    datalog: Mapping[str, Any]


def run_view(run: Run) -> RunView:
    """All but the list of tests."""
    file = RawFile.objects.filter(sha256=run.source_sha256).first()
    rejected = RejectedRecord.objects.filter(file=file).order_by("position", "id")[:REJECTED_MAX]
    counts = run_counts(run)
    wafers = tuple(RunWafer.objects.filter(run=run).select_related("wafer").order_by("wafer__code"))
    outcomes = Counter[str]()
    for one in counts:
        outcomes[one.outcome] += one.insertions
    limits = own_limits(run)
    return RunView(
        run=run,
        file=file,
        notes=tuple(file.summary.get("notes", ())) if file else (),
        rejected=tuple(rejected) if file else (),
        outcomes=tuple(outcomes.most_common()),
        checks=_checks(run, file, counts, wafers),
        sites=_sites(counts),
        bins=(*_bins(run, counts, BinKind.HARD), *_bins(run, counts, BinKind.SOFT)),
        wafers=wafers,
        own_limits=tuple(limits[:LIMITS_MAX]),
        own_limit_count=len(limits),
        changed_limits=file.summary.get("changed_limits", ()) if file else (),
        datalog=file.summary.get("datalog", {}) if file else {},
    )


def _sum(counts: Iterable[RunCount]) -> Counted:
    listed = list(counts)
    return Counted(sum(one.insertions for one in listed), sum(one.units for one in listed))


def _by(
    counts: Sequence[RunCount], key: Callable[[RunCount], int | None]
) -> dict[int, list[RunCount]]:
    groups: dict[int, list[RunCount]] = defaultdict(list)
    for one in counts:
        value = key(one)
        if value is not None:
            groups[value].append(one)
    return dict(groups)


def _checks(
    run: Run, file: RawFile | None, counts: Sequence[RunCount], wafers: Sequence[RunWafer]
) -> tuple[Check, ...]:
    summary: dict[str, Any] = file.summary if file else {}
    stated = summary.get("stated") or {}
    found = Circumstances(run.is_partial, int(summary.get("rejected_records") or 0))
    passed = [one for one in counts if one.is_passed]
    checks = [
        check("PCR: parts", stated.get("parts"), _sum(counts), found, "PCR"),
        check("PCR: good parts", stated.get("good"), _sum(passed), found, "PCR"),
    ]
    for kind in ("hard", "soft"):
        bins = {int(number): count for number, count in stated.get(f"{kind}_bins", {}).items()}
        groups = _by(counts, lambda one, kind=kind: getattr(one, f"{kind}_bin"))  # type: ignore[misc]
        ours = {number: _sum(ones) for number, ones in groups.items()}
        checks.append(check_bins(kind, bins, ours, found))
    return (*checks, *_wafer_checks(counts, wafers, found))


def _wafer_checks(
    counts: Sequence[RunCount], wafers: Sequence[RunWafer], found: Circumstances
) -> tuple[Check, ...]:
    """WRRs by wafer; those that agree are one line."""
    on_wafer = _by(counts, lambda one: one.wafer_id)
    checks = []
    for seen in wafers:
        own = on_wafer.get(seen.wafer_id, [])
        good = [one for one in own if one.is_passed]
        name = f"WRR of {seen.wafer.code}"
        checks.append(check(f"{name}: parts", seen.part_count, _sum(own), found, "WRR"))
        checks.append(check(f"{name}: good parts", seen.good_count, _sum(good), found, "WRR"))
    return merged_agreements(checks, "WRR: parts and good parts of wafers")


def _sites(counts: Sequence[RunCount]) -> tuple[SiteLine, ...]:
    places = sorted({(one.head, one.site) for one in counts})
    groups = [(place, [one for one in counts if (one.head, one.site) == place]) for place in places]
    totals = [
        Count(
            sum(one.insertions for one in ones if one.is_passed),
            sum(one.insertions for one in ones),
        )
        for _, ones in groups
    ]
    verdicts: list[SiteVerdict | None] = [*compare_sites(totals)] or [None] * len(totals)
    return tuple(
        SiteLine(place_name(place, places), total.units, total.passed, verdict)
        for (place, _), total, verdict in zip(groups, totals, verdicts, strict=True)
    )


def _bins(run: Run, counts: Sequence[RunCount], kind: BinKind) -> list[BinLine]:
    names = dict(
        BinDefinition.objects.filter(revision=run.revision_id, kind=kind).values_list(
            "number", "name"
        )
    )
    groups: dict[tuple[int | None, bool], list[RunCount]] = defaultdict(list)
    for one in counts:
        groups[getattr(one, f"{kind}_bin"), one.is_passed].append(one)
    if set(groups) <= {(None, True), (None, False)} and kind is BinKind.SOFT:
        return []
    total = _sum(counts).units or 1
    lines = []
    for (number, is_pass), ones in groups.items():
        counted = _sum(ones)
        name = names.get(number, "") if number is not None else ""
        share = counted.units / total
        lines.append(BinLine(kind, number, name, is_pass, counted.units, counted.insertions, share))
    return sorted(lines, key=lambda line: (-line.units, line.number or 0))


def bin_bars(bins: Sequence[BinLine], kind: str) -> tuple[Bar, ...]:
    """Failing bins of one kind, most units first."""
    return pareto(
        [(_bin_label(line), line.units) for line in bins if line.kind == kind and not line.is_pass]
    )


def _bin_label(line: BinLine) -> str:
    number = "none" if line.number is None else str(line.number)
    return f"{number} {line.name}".strip()


def parameter_bars(lines: Sequence[ParameterLine]) -> tuple[Bar, ...]:
    """Tests by insertions that failed them."""
    return pareto([(f"{line.number} {line.name}".strip(), line.fail_count) for line in lines])


def parameter_lines(run: Run) -> list[ParameterLine]:
    """Every test of the run with readings, in order of number."""
    found = run_parameters(run)
    lows = np.array([_number(one.limit_low) for one in found.parameters], dtype=np.float64)
    highs = np.array([_number(one.limit_high) for one in found.parameters], dtype=np.float64)
    pooled = found.pooled
    index = capabilities(
        Sample(pooled.count, pooled.mean, pooled.deviation, pooled.within, lows, highs)
    )
    columns = {
        "mean": pooled.mean,
        "deviation": pooled.deviation,
        "minimum": pooled.minimum,
        "maximum": pooled.maximum,
        "cpk": index.cpk,
        "ppk": index.ppk,
        "ppk_low": index.ppk_low,
        "ppk_high": index.ppk_high,
        "site_gap": pooled.site_gap,
        "site_share": pooled.site_share,
        "site_p": _adjusted(pooled.site_p),
    }
    return _lines(found, {name: _nullable(column) for name, column in columns.items()})


def _lines(found: RunParameters, columns: dict[str, list[float | None]]) -> list[ParameterLine]:
    pooled = found.pooled
    executed, counts, fails = (
        column.tolist() for column in (pooled.executed, pooled.count, pooled.fail_count)
    )
    return [
        ParameterLine(
            parameter_id=parameter.pk,
            number=parameter.number,
            name=parameter.text,
            occurrence=parameter.occurrence,
            kind=parameter.kind,
            units=parameter.units,
            scale=parameter.scale,
            limit_low=parameter.limit_low,
            limit_high=parameter.limit_high,
            executed=executed[place],
            count=counts[place],
            fail_count=fails[place],
            **{name: column[place] for name, column in columns.items()},
        )
        for place, parameter in enumerate(found.parameters)
    ]


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _nullable(column: NDArray[np.float64]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in column.tolist()]


def _adjusted(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    told = np.isfinite(p_values)
    adjusted = np.full(len(p_values), np.nan)
    adjusted[told] = benjamini_hochberg(p_values[told].tolist())
    return adjusted
