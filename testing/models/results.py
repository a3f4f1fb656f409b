"""What was measured: runs, every insertion of every unit, and summaries per test, head and site."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, Concat, Now

from lots.domain.words import BinKind
from lots.models import Lot, Step, Unit, Wafer
from supplychain.base.choices import choices
from testing.domain.words import IdentityQuality, Outcome, ParameterKind, RetestPolicy
from testing.models.programs import Equipment, Parameter, ProgramRevision


class LotStep(models.Model):
    """All that was measured of one lot at one step. revision: goes up with every load.

    Locked while a run is loaded, so that attempts are numbered once; quality compares revisions.
    policy: decides which insertions are final. identity: how sure it is which of them are of one
    unit. The counts are of units over all runs that count,
    kept by each load, so that no page counts insertions.
    """

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="lot_steps")
    step = models.ForeignKey(Step, models.PROTECT, related_name="lot_steps")
    revision = models.PositiveIntegerField(default=0)
    first_started_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(db_default=Now())
    policy = models.CharField(
        max_length=16, choices=choices(RetestPolicy), default=RetestPolicy.LAST
    )
    identity = models.CharField(
        max_length=16,
        choices=choices(IdentityQuality),
        default=IdentityQuality.UNDISPUTED,
        db_default=IdentityQuality.UNDISPUTED.value,
    )
    insertion_count = models.PositiveIntegerField(default=0)
    unit_count = models.PositiveIntegerField(default=0)
    first_pass_count = models.PositiveIntegerField(default=0)
    final_pass_count = models.PositiveIntegerField(default=0)
    retested_count = models.PositiveIntegerField(default=0)
    recovered_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "step"], name="testing_lotstep_once")]
        permissions = [("restate_lotstep", "Can change the retest policy of lot steps")]

    def __str__(self) -> str:
        return f"{self.lot} at {self.step}"


class Run(models.Model):
    """One tester session over material of one lot at one step: one file from MIR to MRR.

    insertion_count: PRRs kept; unit_count: distinct units; both of this run alone. superseded_by:
    a better copy of the same session counts in its place; this one is kept as history.
    is_withdrawn: taken back, see RunWithdrawal. edition: 1 when the file was first loaded,
    one more each time it is loaded anew after that. key: names the run in addresses; the SHA-256,
    and from the second edition on `-2` behind it.
    """

    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="runs")
    revision = models.ForeignKey(ProgramRevision, models.PROTECT, related_name="runs")
    tester = models.ForeignKey(Equipment, models.PROTECT, related_name="runs")
    probe_card = models.ForeignKey(
        Equipment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    load_board = models.ForeignKey(
        Equipment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    source_sha256 = models.CharField(max_length=64)
    edition = models.PositiveSmallIntegerField(default=1, db_default=1)
    key = models.GeneratedField(
        expression=models.Case(
            models.When(edition=1, then=models.F("source_sha256")),
            default=Concat("source_sha256", models.Value("-"), Cast("edition", models.CharField())),
            output_field=models.CharField(max_length=72),
        ),
        output_field=models.CharField(max_length=72),
        db_persist=True,
        unique=True,
    )
    is_withdrawn = models.BooleanField(default=False, db_default=False)
    source_name = models.CharField(max_length=255)
    sublot = models.CharField(max_length=120, blank=True)
    temperature_celsius = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    is_partial = models.BooleanField(
        default=False, help_text="The file was cut; whole records were kept."
    )
    rejected_count = models.PositiveBigIntegerField(
        default=0, help_text="Records that were left out."
    )
    doubt_count = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="What the file says of itself that its records do not bear out.",
    )
    superseded_by = models.ForeignKey(
        "testing.Run", models.PROTECT, null=True, blank=True, related_name="superseded"
    )
    insertion_count = models.PositiveIntegerField()
    unit_count = models.PositiveIntegerField()
    first_pass_count = models.PositiveIntegerField()
    final_pass_count = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source_sha256", "edition"], name="testing_run_edition_once"
            ),
            models.UniqueConstraint(
                fields=["source_sha256"],
                name="testing_run_one_stands",
                condition=models.Q(is_withdrawn=False),
            ),
        ]
        indexes = [
            models.Index(fields=["tester", "started_at"], name="testing_run_tester"),
            models.Index(fields=["lot_step", "started_at", "id"], name="testing_run_order"),
        ]

    def __str__(self) -> str:
        return self.source_name

    @property
    def is_released(self) -> bool:
        """Whether its program revision might decide about production when it started."""
        return self.revision.was_released(self.started_at)


class RunWithdrawal(models.Model):
    """That a run was taken back: who, when and why. Never changed or deleted.

    The run keeps its page and its results, and counts nowhere. op_key: of the request, so that
    twice does it once; asked_sha256: of all that it asked.
    """

    run = models.OneToOneField(Run, models.PROTECT, related_name="withdrawal")
    op_key = models.CharField(max_length=200, unique=True)
    asked_sha256 = models.CharField(max_length=64)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(reason=""), name="testing_withdrawal_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} taken back"


class RunWafer(models.Model):
    """A wafer as one run saw it (WIR/WRR)."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="run_wafers")
    wafer = models.ForeignKey(Wafer, models.PROTECT, related_name="run_wafers")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    part_count = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="As the WRR says; a cross-check."
    )
    good_count = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "wafer"], name="testing_runwafer_once")
        ]

    def __str__(self) -> str:
        return f"{self.wafer} in {self.run}"


class RunLimit(models.Model):
    """What a run's file states of a test, where the program's revision has it from another run.

    Only where it differs, be it by silence. limit_low, limit_high: base units; null = none.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="own_limits")
    parameter = models.ForeignKey(Parameter, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=choices(ParameterKind))
    scale = models.SmallIntegerField(null=True, blank=True)
    units = models.CharField(max_length=32, blank=True)
    limit_low = models.FloatField(null=True, blank=True)
    limit_high = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "parameter"], name="testing_runlimit_once")
        ]

    def __str__(self) -> str:
        return f"{self.parameter} in {self.run}"


class RunBin(models.Model):
    """A bin as a run's file states it. passes: null where it does not say."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="stated_bins")
    kind = models.CharField(max_length=8, choices=choices(BinKind))
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    passes = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "number"], name="testing_runbin_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()


class UnitResult(models.Model):
    """One insertion of one unit: every attempt is a row, none is overwritten.

    unit_key: who it is within the lot step, as `testing.domain.identity` says. attempt: 1 for the
    first insertion over all files; is_first and is_final mark the first and the deciding one under
    the lot step's retest policy. Of a superseded run, attempt is null and nothing counts.
    part_index: order in the file. test_time_ms: null = not given.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="results")
    lot_step = models.ForeignKey(LotStep, models.PROTECT, related_name="results")
    wafer = models.ForeignKey(Wafer, models.PROTECT, null=True, blank=True, related_name="results")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="results")
    unit_key = models.CharField(max_length=160)
    part_id = models.CharField(max_length=120, blank=True)
    part_index = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField(null=True)
    is_first = models.BooleanField()
    is_final = models.BooleanField()
    outcome = models.CharField(max_length=8, choices=choices(Outcome))
    hard_bin = models.PositiveIntegerField(null=True, blank=True)
    soft_bin = models.PositiveIntegerField(null=True, blank=True)
    head = models.PositiveSmallIntegerField()
    site = models.PositiveSmallIntegerField()
    x = models.SmallIntegerField(null=True, blank=True)
    y = models.SmallIntegerField(null=True, blank=True)
    test_time_ms = models.PositiveBigIntegerField(null=True, blank=True)
    part_flag = models.PositiveSmallIntegerField(default=0, help_text="PRR PART_FLG as written.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "part_index"], name="testing_result_once"),
            models.UniqueConstraint(
                fields=["lot_step", "unit_key", "attempt"],
                name="testing_result_attempt",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["lot_step", "unit_key"],
                name="testing_result_one_final",
                condition=models.Q(is_final=True),
            ),
        ]
        indexes = [
            models.Index(fields=["wafer", "lot_step"], name="testing_result_wafer"),
            models.Index(fields=["unit"], name="testing_result_unit"),
            models.Index(fields=["part_id"], name="testing_result_part"),
            models.Index(
                fields=["run", "part_index"],
                name="testing_result_not_final",
                condition=models.Q(is_final=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_key} attempt {self.attempt}"


class ReadingSummary(models.Model):
    """Values of one parameter at one site of a head in one run; insertions counted, NaN left out.

    head: 255 = all of them, in STDF's own words: of a run over several heads that was loaded before
    they were told apart. quantile_01 … quantile_99: of 1, 5, 95 and 99 % of the values, between
    neighbours as the quartiles (Hyndman and Fan, 7); null too where loaded before they were kept.
    executed_count: how often it was tested, with a value or, as functional tests are, without.
    count: valid values; fail_count: flagged fails; deviation: sample, null below two values.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="summaries")
    parameter = models.ForeignKey(Parameter, models.PROTECT, related_name="summaries")
    head = models.PositiveSmallIntegerField()
    site = models.PositiveSmallIntegerField()
    executed_count = models.PositiveIntegerField(
        null=True, help_text="How often it was tested; empty = loaded before that was kept."
    )
    count = models.PositiveIntegerField(help_text="Values; functional tests have none.")
    fail_count = models.PositiveIntegerField()
    mean = models.FloatField(null=True)
    deviation = models.FloatField(null=True)
    minimum = models.FloatField(null=True)
    quantile_01 = models.FloatField(null=True)
    quantile_05 = models.FloatField(null=True)
    quartile_low = models.FloatField(null=True)
    median = models.FloatField(null=True)
    quartile_high = models.FloatField(null=True)
    quantile_95 = models.FloatField(null=True)
    quantile_99 = models.FloatField(null=True)
    maximum = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "parameter", "head", "site"], name="testing_summary_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} head {self.head} site {self.site}"


class ReadingFile(models.Model):
    """Where a run's readings lie in storage, as Parquet sorted by parameter and part.

    Columns: part_index int32, site int16, parameter_id int64, value float64 (NaN = not measured),
    flag uint8 (TEST_FLG), outcome string (dictionary).
    """

    run = models.OneToOneField(Run, models.CASCADE, related_name="readings")
    path = models.CharField(max_length=600, unique=True)
    row_count = models.PositiveBigIntegerField()
    byte_count = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.path
