"""What a decoded file holds: the columns for recording, and what reading it brought to light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from intake.domain.stdf.datalog import Datalog
from testing.domain.records import BinRecord, ParameterRecord, Parts, Readings


@dataclass(frozen=True, slots=True)
class StdfLimits:
    """The most of each that one file may hold.

    Of sites, counters of its own summaries, rejects and lines of the datalog more may come; they
    are left out, and the run says so.
    """

    records_max: int = 100_000_000
    parts_max: int = 2_000_000
    readings_max: int = 20_000_000
    parameters_max: int = 50_000
    wafers_max: int = 1_000
    sites_max: int = 1_000
    counters_max: int = 250_000
    rejected_kept_max: int = 1_000
    datalog_bytes_max: int = 8 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """MIR as written; texts empty and instants None when missing.

    temperature_celsius: TST_TEMP where it is a number. started_at: START_T, else SETUP_T.
    """

    lot_id: str
    sublot_id: str
    part_type: str
    node_name: str
    tester_type: str
    job_name: str
    job_revision: str
    test_code: str
    flow_id: str
    mode_code: str
    retest_code: str
    temperature_text: str
    temperature_celsius: float | None
    started_at: datetime | None
    operator: str = ""
    facility_id: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """An SDR: which sites a head's group has, and what touches the parts."""

    head: int
    group: int
    sites: tuple[int, ...]
    handler_id: str = ""
    probe_card: str = ""
    load_board: str = ""


@dataclass(frozen=True, slots=True)
class DecodedWafer:
    """One wafer identity as the file names it; "" when it does not. Counts as the WRR says."""

    code: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    part_count: int | None = None
    good_count: int | None = None


@dataclass(frozen=True, slots=True)
class WaferLayout:
    """WCR: flat, axis directions and a die's size; None or "" where blank or without a unit."""

    flat: str = ""
    x_direction: str = ""
    y_direction: str = ""
    center_x: int | None = None
    center_y: int | None = None
    die_width_mm: float | None = None
    die_height_mm: float | None = None


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """Records left out. position: of the first, in the plain file. count: how many in all."""

    position: int
    kind: str
    reason: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class StatedLimits:
    """Limits in base units, None = none. position: of the first record that states them."""

    position: int
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class ChangedLimits:
    """A test whose limits change within the file. stated: each pair once, as they first came."""

    number: int
    text: str
    units: str
    stated: tuple[StatedLimits, ...]


@dataclass(frozen=True, slots=True)
class StatedCounts:
    """What PCR, HBR and SBR say of all sites; a cross-check. None = not said.

    Where they speak of single heads and sites only, the sum of those.
    """

    parts: int | None = None
    good: int | None = None
    hard_bins: Mapping[int, int] = field(default_factory=dict)
    soft_bins: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of PTR, MPR and FTR records, and of the values in them: read = kept + left out.

    records: whole ones of parts or of none. values: of those, several of an MPR. Kept values are
    readings and tests not executed.
    """

    records: int = 0
    records_given: int = 0
    records_left_out: int = 0
    values: int = 0
    values_left_out: int = 0

    def require(self, readings: int, not_executed: int) -> None:
        """AssertionError where something was lost."""
        assert self.records == self.records_given + self.records_left_out, "a test was lost"
        kept = readings + not_executed
        assert self.values == kept + self.values_left_out, "a reading was lost"


@dataclass(frozen=True, slots=True)
class DecodedRun:
    """One STDF file. Parts.wafer_index counts into wafers, Readings into parts and parameters.

    record_counts: everything read, by name. rejected_counts: what of it was left out, test records
    as "test", and corrupt stretches; rejected: the first of them. is_partial: cut, or without MRR.
    not_executed: tests the file names without having run them. disagreements: those of the notes
    that say where the file's own counts differ from its results; breaches: those that say where it
    breaks the specification. balance: None where values do not
    come in records. changed_limits: the first tests of which the file states several.
    """

    header: Header
    finished_at: datetime | None
    sites: tuple[Site, ...]
    wafers: tuple[DecodedWafer, ...]
    wafer_layout: WaferLayout
    parts: Parts
    parameters: tuple[ParameterRecord, ...]
    readings: Readings
    bins: tuple[BinRecord, ...]
    record_counts: Mapping[str, int]
    rejected: tuple[RejectedRecord, ...]
    rejected_counts: Mapping[str, int]
    is_partial: bool
    byte_order: str
    notes: tuple[str, ...] = field(default=())
    disagreements: tuple[str, ...] = ()
    breaches: tuple[str, ...] = ()
    balance: Balance | None = None
    changed_limits: tuple[ChangedLimits, ...] = ()
    not_executed: int = 0
    datalog: Datalog = field(default_factory=lambda: Datalog(0))
    stated: StatedCounts = field(default_factory=StatedCounts)

    @property
    def told_at(self) -> datetime | None:
        """The first moment the file tells of a wafer, else its end; None where it tells none.

        Stands for a start that MIR lacks, so that runs follow each other by their files alone.
        """
        times = [time for wafer in self.wafers for time in (wafer.started_at, wafer.finished_at)]
        return min((time for time in times if time), default=self.finished_at)

    @property
    def rejected_count(self) -> int:
        """Records left out, and corrupt stretches."""
        return sum(self.rejected_counts.values())
