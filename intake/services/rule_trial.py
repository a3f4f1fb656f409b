"""What a rule would do to files that are here, before it is saved; and who wins where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Value, When

from intake.domain.matching import FileClues, StepRule, deciding_rule, step_code
from intake.domain.words import TEST_KINDS, FileState
from intake.models import MatchRule, RawFile
from intake.services.matching import as_step_rule, enabled_rules
from lots.models import Lot, Step

FILES_MAX = 20
CANDIDATES_MAX = 400


@dataclass(frozen=True, slots=True)
class TriedFile:
    """A file beside what decides about it now and what would. None = cannot be told.

    is_fitting: every pattern of the tried rule is found in it. others: rules that fit too.
    """

    file: RawFile
    clues: FileClues
    lot: Lot | None
    now_step: str | None
    now_rule: str
    then_step: str | None
    then_rule: str
    is_fitting: bool
    others: tuple[str, ...]

    @property
    def change(self) -> str:
        """`matched`, `changed`, `lost` or `same`."""
        if self.now_step == self.then_step:
            return "same"
        if self.now_step is None:
            return "matched"
        return "lost" if self.then_step is None else "changed"


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """Files, those that would change first. fitting_count: of all files looked at."""

    files: tuple[TriedFile, ...]
    looked_at: int
    fitting_count: int
    changed_count: int


def try_rule(rule: MatchRule) -> RuleTrial:
    """Unmatched and recent files, judged by the rules as they stand and with this one among them.

    rule: unsaved, or saved and changed; it stands in for the saved one. Nothing is written.
    """
    saved = list(enabled_rules())
    rest = [one for one in saved if one.pk != rule.pk or rule.pk is None]
    ours = [rule] if rule.is_enabled else []
    then = sorted([*rest, *ours], key=lambda one: (one.priority, one.pk or 2**62))
    files = _candidates()
    lots, steps = _lots(files)
    judge = _Judge([as_step_rule(one) for one in saved], [as_step_rule(one) for one in then])
    mine = as_step_rule(rule)
    tried = [judge.tried(file, lots.get(_lot_code(file)), steps, mine) for file in files]
    tried.sort(key=lambda one: (one.change == "same", not one.is_fitting))
    return RuleTrial(
        files=tuple(one for one in tried if one.is_fitting or one.change != "same")[:FILES_MAX],
        looked_at=len(tried),
        fitting_count=sum(one.is_fitting for one in tried),
        changed_count=sum(one.change != "same" for one in tried),
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    now: Sequence[StepRule]
    then: Sequence[StepRule]

    def tried(
        self,
        file: RawFile,
        lot: Lot | None,
        steps: dict[int, list[str]],
        mine: StepRule,
    ) -> TriedFile:
        clues = clues_of(file)
        codes = steps.get(lot.route_version_id, []) if lot else []
        is_free = lot.route_version.is_free if lot else False
        now, then = (deciding_rule(clues, rules, codes) for rules in (self.now, self.then))
        return TriedFile(
            file=file,
            clues=clues,
            lot=lot,
            now_step=step_code(clues, self.now, codes, is_free=is_free) if lot else None,
            now_rule=now.name if now else "",
            then_step=step_code(clues, self.then, codes, is_free=is_free) if lot else None,
            then_rule=then.name if then else "",
            is_fitting=mine.fits(clues),
            others=tuple(
                one.name
                for one in self.now
                if one.name != mine.name and one.step_code != mine.step_code and one.fits(clues)
            ),
        )


def clues_of(file: RawFile) -> FileClues:
    """What a file said when it was read, as rules see it."""
    header = file.summary.get("header", {})
    return FileClues(
        file=file.own_name,
        tester=header.get("tester", ""),
        program=header.get("program", ""),
        flow=header.get("flow", ""),
        test_code=header.get("test_code", ""),
        part_type=header.get("part_type", ""),
        folder=file.folder,
        mode=header.get("mode", ""),
        retest=header.get("retest", ""),
        sublot=header.get("sublot", ""),
        temperature=header.get("temperature", ""),
    )


def _candidates() -> list[RawFile]:
    """Test files that were read, the unmatched ones first, none that a person matched."""
    first = Case(
        When(state=FileState.UNMATCHED, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    files = RawFile.objects.filter(
        kind__in=TEST_KINDS, matched_by__isnull=True, summary__has_key="header"
    )
    return list(files.order_by(first, "-id").select_related("lot", "step")[:CANDIDATES_MAX])


def _lot_code(file: RawFile) -> str:
    if file.lot is not None:
        return file.lot.code
    return str(file.summary["header"].get("lot", ""))


def _lots(files: Sequence[RawFile]) -> tuple[dict[str, Lot], dict[int, list[str]]]:
    """Lots by code, and the step codes of their routes."""
    found = Lot.objects.filter(code__in={_lot_code(file) for file in files})
    lots = {lot.code: lot for lot in found.select_related("route_version")}
    versions = {lot.route_version_id for lot in lots.values()}
    steps: dict[int, list[str]] = {}
    for version, code in (
        Step.objects.filter(route_version__in=versions)
        .order_by("route_version", "sequence")
        .values_list("route_version", "code")
    ):
        steps.setdefault(version, []).append(code)
    return lots, steps
