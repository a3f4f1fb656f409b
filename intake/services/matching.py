"""Test files to lots, steps and wafers; what cannot be told waits with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from intake.domain.errors import UnmatchedError
from intake.domain.matching import FileClues, StepRule, step_code, wafer_id
from intake.domain.stdf.run import DecodedWafer, Header
from intake.models import MatchRule, RawFile
from lots.domain.words import LotPurpose, LotState
from lots.models import Lot, Product, Step
from supplychain.base.errors import MalformedError
from testing.domain.records import WaferRun
from testing.models import RunWithdrawal

NAMED_MAX = 5


@dataclass(frozen=True, slots=True)
class Match:
    """Where a test file belongs."""

    lot: Lot
    step: Step
    product: Product


@dataclass(frozen=True, slots=True)
class NewMatch:
    """Where a person has a file belong. None: as the file, and the rules as they are now, say.

    wafers: a wafer as the file names it → the code of ours, where the file is wrong.
    """

    lot: Lot | None = None
    step: Step | None = None
    wafers: Mapping[str, str] = field(default_factory=dict)

    def asked(self) -> dict[str, object]:
        """In plain words."""
        lot, step = self.lot and self.lot.code, self.step and self.step.code
        return {"lot": lot, "step": step, "wafers": dict(self.wafers)}


class UnknownLotError(UnmatchedError):
    """No lot of ours has the file's name; an engineering lot may be made."""

    code = "unknown-lot"


def match(file: RawFile, header: Header, lot: Lot | None = None) -> Match:
    """Lot, step and product of a test file. lot: known already. UnmatchedError with the reason."""
    if file.is_taken_back and not file.matched_by_id:
        raise UnmatchedError(_taken_back(file))
    lot = lot or file.lot or _lot(header.lot_id)
    step = file.step if file.matched_by_id else None
    return Match(lot, step or _step(file, header, lot), _product(file, header, lot))


def _taken_back(file: RawFile) -> str:
    rows = RunWithdrawal.objects.filter(run__source_sha256=file.sha256)
    last = rows.select_related("actor").order_by("-pk")[0]
    return f"Its run was taken back by {last.actor}: {last.reason} Match it by hand."


def require_step_of(step: Step, lot: Lot) -> None:
    """MalformedError for a step that is not on the lot's route."""
    if step.route_version_id != lot.route_version_id:
        raise MalformedError(
            f"Step {step.code} is not on {lot.route_version}, the route of lot {lot.code}.",
            field="step",
        )


def _lot(code: str) -> Lot:
    if not code:
        raise UnknownLotError("The file names no lot. Match it by hand.")
    there = Lot.objects.exclude(state=LotState.WITHDRAWN)
    lot = there.select_related("product", "route_version").filter(code=code).first()
    if lot is None:
        raise UnknownLotError(
            f"There is no lot {code}. The file is tried again when the lot arrives; or match it "
            "by hand.",
            lot=code,
        )
    return lot


def _step(file: RawFile, header: Header, lot: Lot) -> Step:
    steps = {step.code: step for step in lot.route_version.steps.order_by("sequence")}
    clues = FileClues(
        file=file.own_name,
        tester=header.node_name,
        program=header.job_name,
        flow=header.flow_id,
        test_code=header.test_code,
        part_type=header.part_type,
        folder=file.folder,
        mode=header.mode_code,
        retest=header.retest_code,
        sublot=header.sublot_id,
        temperature=header.temperature_text,
    )
    code = step_code(clues, step_rules(), list(steps), is_free=lot.route_version.is_free)
    if code is None:
        raise UnmatchedError(
            f"The step of lot {lot.code} cannot be told: FLOW_ID is {header.flow_id!r}, TEST_COD "
            f"{header.test_code!r}, and no match rule fits. Match it by hand, or add a rule.",
            lot=lot.code,
            flow=header.flow_id,
        )
    return steps[code]


def step_rules() -> list[StepRule]:
    """Enabled rules, the first to ask first."""
    return [as_step_rule(rule) for rule in enabled_rules()]


def enabled_rules() -> QuerySet[MatchRule]:
    """In the order in which they are asked."""
    return MatchRule.objects.filter(is_enabled=True)


def as_step_rule(rule: MatchRule) -> StepRule:
    """A rule as it is asked."""
    return StepRule(
        name=rule.name,
        step_code=rule.step_code,
        file=rule.file_pattern,
        tester=rule.tester_pattern,
        program=rule.program_pattern,
        flow=rule.flow_pattern,
        part_type=rule.part_type_pattern,
        folder=rule.folder_pattern,
        mode=rule.mode_pattern,
        retest=rule.retest_pattern,
        sublot=rule.sublot_pattern,
        temperature=rule.temperature_pattern,
    )


def _product(file: RawFile, header: Header, lot: Lot) -> Product:
    """The lot's; a PART_TYP that names another of our products contradicts it."""
    named = Product.objects.filter(code=header.part_type).first()
    if named is None or named == lot.product or file.matched_by_id:
        return lot.product
    if lot.purpose == LotPurpose.ENGINEERING:
        return named
    raise UnmatchedError(
        f"The file is about {named}, but lot {lot.code} holds {lot.product}. Match it by hand.",
        lot=lot.code,
        product=named.code,
    )


def match_wafers(
    lot: Lot, wafers: Sequence[DecodedWafer], codes: Mapping[str, str]
) -> tuple[WaferRun, ...]:
    """Our wafers behind the file's. UnmatchedError naming those that the lot has not.

    codes: of wafers that a person named, by their name in the file.
    """
    there = lot.wafers.filter(is_withdrawn=False)
    known = dict(there.values_list("code", "id")) if wafers else {}
    found = [
        (wafer, wafer_id(codes.get(wafer.code, wafer.code), lot.code, known)) for wafer in wafers
    ]
    unknown = [
        codes.get(wafer.code, wafer.code) or "without a name"
        for wafer, known_id in found
        if known_id is None
    ]
    if unknown:
        raise UnmatchedError(
            f"Lot {lot.code} has no wafer {', '.join(unknown[:NAMED_MAX])}. Check WAFER_ID and the "
            "lot, then try again.",
            lot=lot.code,
            wafers=unknown[:NAMED_MAX],
        )
    return tuple(
        WaferRun(
            code=wafer.code,
            wafer_id=known_id,
            started_at=wafer.started_at,
            finished_at=wafer.finished_at,
            part_count=wafer.part_count,
            good_count=wafer.good_count,
        )
        for wafer, known_id in found
        if known_id is not None
    )
