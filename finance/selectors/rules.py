"""Posting rules: reasons of scrap by version, and where lots stand at each step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet

from finance.domain.facts import Place
from finance.domain.reasons import Meaning, ReasonChange, Reasons, reason_changes
from finance.domain.words import Account
from finance.models import LedgerEntry, PostingRules, StepStage
from supplychain.base.errors import MissingError

Places = dict[tuple[int, str], Place]
"""(step, unit) → where a lot that stands there is valued."""


def listed_rules() -> QuerySet[PostingRules]:
    """The latest first day first, with who stands behind each and how many reasons it names."""
    people = PostingRules.objects.select_related("prepared_by", "approved_by")
    return people.annotate(reason_count=Count("reasons")).order_by("-effective_on", "-id")


def rules_by_code(code: str) -> PostingRules:
    """MissingError for unknown ones."""
    found = listed_rules().filter(code=code).first()
    if found is None:
        raise MissingError(f"There are no posting rules {code}.", rules=code)
    return found


def rules_in_force(day: date) -> PostingRules | None:
    """Those by which events of that plant day are posted."""
    approved = PostingRules.objects.filter(approved_at__isnull=False, effective_on__lte=day)
    return approved.order_by("-effective_on").first()


def rules_before(rules: PostingRules) -> PostingRules | None:
    """The approved ones that apply until these do."""
    approved = PostingRules.objects.filter(approved_at__isnull=False)
    earlier = approved.filter(effective_on__lt=rules.effective_on).exclude(pk=rules.pk)
    return earlier.order_by("-effective_on").first()


def reasons_of(rules: PostingRules | None) -> dict[str, Meaning]:
    """What each reason means that they name; none for no rules."""
    if rules is None:
        return {}
    return {row.reason: Meaning(row.is_normal, row.is_missing) for row in rules.reasons.all()}


def changes_by(rules: PostingRules) -> list[ReasonChange]:
    """What they say otherwise than those that apply until then."""
    return reason_changes(reasons_of(rules_before(rules)), reasons_of(rules))


def approved_reasons() -> list[tuple[date, Reasons]]:
    """Of every approved version, the latest first day first."""
    rows = PostingRules.objects.filter(approved_at__isnull=False).order_by("-effective_on")
    found: dict[date, dict[str, Meaning]] = {}
    for day, reason, is_normal, is_missing in rows.values_list(
        "effective_on", "reasons__reason", "reasons__is_normal", "reasons__is_missing"
    ):
        known = found.setdefault(day, {})
        if reason is not None:
            known[reason] = Meaning(is_normal, is_missing)
    return list(found.items())


def is_posted_since(day: date) -> bool:
    """Whether an event of that plant day or a later one is in the ledger."""
    return LedgerEntry.objects.filter(source_seq__isnull=False, effective_on__gte=day).exists()


def step_stages() -> QuerySet[StepStage]:
    """All of them, by route, version and step, with who stands behind each."""
    return StepStage.objects.select_related(
        "step__route_version__route", "stage", "prepared_by", "approved_by"
    ).order_by(
        "step__route_version__route__code",
        "step__route_version__version",
        "step__sequence",
        "unit_of_measure",
    )


class PlaceRow(NamedTuple):
    """How a step's lots of a unit are valued. step: id. sequence: of the stage, among all."""

    step: int
    unit: str
    account: str
    stage: str
    sequence: int


def places(*, with_stage: StepStage | None = None) -> Places:
    """Where every step's lots are valued by what is approved, and by this stage too if given."""
    return places_in(place_rows(with_stage=with_stage))


def places_in(rows: Iterable[PlaceRow]) -> Places:
    """The last of a step's rows counts."""
    return {(row.step, row.unit): Place(Account(row.account), row.stage) for row in rows}


def place_rows(*, with_stage: StepStage | None = None) -> list[PlaceRow]:
    """What is approved of every step, and this stage too if given; what counts stands last.

    A step without a stage of its own is valued as the same step of the version before it that has
    one; where none before has, of the first one after.
    """
    alike, versions = "step__route_version__route__versions__steps", "step__route_version"
    counts = Q(approved_at__isnull=False) | Q(pk=with_stage and with_stage.pk)
    rows = StepStage.objects.filter(counts, **{f"{alike}__code": F("step__code")}).values_list(
        f"{versions}__version",
        f"{versions}__route__versions__version",
        alike,
        "unit_of_measure",
        "account",
        "stage_id",
        "stage__sequence",
    )
    return [PlaceRow(*row[2:]) for row in sorted(rows, key=lambda row: _nearness(*row[:2]))]


def _nearness(of: int, to: int) -> tuple[bool, int]:
    """Of a version to another: the last before it or itself is nearest, then the first after."""
    return (True, of) if of <= to else (False, -of)
