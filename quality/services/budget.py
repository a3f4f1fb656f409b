"""The false-discovery budget over all series: which flags of chance are sure enough to act on.

Everything follows from the rows of whole weeks, so that the order in which facts came does not
matter in the end. See docs/decisions/false-discovery.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from lots.services import locked_lots
from quality.domain.discovery import (
    WEEK,
    Weighed,
    family_of,
    findings_of,
    q_values,
    week_books,
    week_of,
)
from quality.models import Flag, Issue, WeighedWeek, Weighing
from quality.selectors.budget import (
    budget_ratio,
    budget_rule,
    flagged_weighings,
    surest_weighings,
    tests_of_weeks,
    weighings_of,
)
from quality.services.escalating import escalate, flagged_lot_ids, mention
from quality.services.standing import Causes, locked_causes, locked_counter

UPDATED = ["week_on", "p_value", "q_value"]
BOOKED = [
    "test_count", "family_count", "flag_count", "sure_count", "budget_ratio", "spent_ratio",
    "p_value",
]  # fmt: skip


@transaction.atomic
def weigh_up(
    *,
    judged: Mapping[str, Sequence[int]],
    weighed: Mapping[str, Sequence[Weighed]],
    now: datetime,
) -> None:
    """Keep what detectors weighed, and restate the weeks that it changes.

    judged: detector → lots it came to its end on. weighed: all it could judge of these; what it
    judged before and no longer does is taken out.
    Those who weigh wait for each other, as those who raise issues do.
    """
    if not weighed:
        return
    locked_counter()
    weeks, keys = _kept(judged, weighed)
    if weeks:
        ratio = budget_ratio(budget_rule())
        rows = _restated(weeks, ratio)
        keys |= set(Flag.objects.filter(weighing__in=rows).values_list("cause_key", flat=True))
        _set_issues(keys, ratio, now)


def _kept(
    judged: Mapping[str, Sequence[int]], weighed: Mapping[str, Sequence[Weighed]]
) -> tuple[set[date], set[str]]:
    """Write the tests and flags; the weeks whose flags may be surer or less sure by it.

    Beside them the causes that these tests flagged before: one may have lost its surest flag.
    """
    before = weighings_of({code: judged[code] for code in weighed})
    after = {(one.lot_step_id, detector): one for detector, rows in weighed.items() for one in rows}
    changed = {
        key: one
        for key, one in after.items()
        if key not in before or _is_other(before[key], one) or one.p_value is not None
    }
    gone = [row for key, row in before.items() if key not in after]
    flagged = _taken_out(gone)
    rows = Weighing.objects.bulk_create(
        [
            Weighing(
                lot_step_id=lot_step_id, detector=detector, week_on=week_of(one.at),
                p_value=one.p_value,
            )
            for (lot_step_id, detector), one in changed.items()
        ],
        update_conflicts=True, unique_fields=["lot_step", "detector"], update_fields=UPDATED,
    )  # fmt: skip
    flagged |= _flag({row.pk: changed[row.lot_step_id, row.detector] for row in rows})
    stood = [row.week_on for row in gone]
    stood += [before[key].week_on for key in changed if key in before]
    return {*stood, *(row.week_on for row in rows)}, flagged


def _is_other(row: Weighing, one: Weighed) -> bool:
    return row.week_on != week_of(one.at) or row.p_value != one.p_value


def _taken_out(rows: Sequence[Weighing]) -> set[str]:
    """Take these tests out; the causes that they flagged."""
    if not rows:
        return set()
    ids = [row.pk for row in rows]
    flagged = set(Flag.objects.filter(weighing__in=ids).values_list("cause_key", flat=True))
    Weighing.objects.filter(pk__in=ids).delete()
    return flagged


def _flag(weighed: Mapping[int, Weighed]) -> set[str]:
    """What each of these tests flagged by chance, in the place of what it flagged before.

    Answers with the causes that it flagged before.
    """
    told = {
        (pk, finding.cause_key): finding.revision
        for pk, one in weighed.items()
        for finding in findings_of([one])
        if finding.is_weighed
    }
    rows = Flag.objects.filter(weighing__in=weighed)
    stood = {(row.weighing_id, row.cause_key): row for row in rows}
    other = {key for key, row in stood.items() if told.get(key) != row.revision}
    if other:
        Flag.objects.filter(pk__in=[stood[key].pk for key in other]).delete()
    Flag.objects.bulk_create(
        Flag(weighing_id=pk, cause_key=cause_key, revision=revision)
        for (pk, cause_key), revision in told.items()
        if (pk, cause_key) not in stood or (pk, cause_key) in other
    )
    return {cause_key for _, cause_key in stood}


def _restated(weeks: Iterable[date], ratio: float) -> list[Weighing]:
    """Every flagged test of these weeks and of those behind them, with its q as it is now."""
    span = sorted({*weeks, *(week + WEEK for week in weeks)})
    tests = tests_of_weeks({*span, *(week - WEEK for week in span)})
    flagged: dict[date, list[Weighing]] = defaultdict(list)
    for row in flagged_weighings(span):
        flagged[row.week_on].append(row)
    books = []
    for week in (one for one in span if tests[one]):
        rows, family = flagged[week], family_of(tests[week], tests[week - WEEK])
        values = q_values([row.p_value for row in rows if row.p_value is not None], family)
        for row, value in zip(rows, values, strict=True):
            row.q_value = value
        found = week_books(tests[week], family, values, ratio)
        books.append(
            WeighedWeek(
                starts_on=week, test_count=found.tests, family_count=found.family,
                flag_count=found.flags, sure_count=found.sure, budget_ratio=ratio,
                spent_ratio=found.spent, p_value=found.p_value,
            )
        )  # fmt: skip
    WeighedWeek.objects.filter(starts_on__in=[one for one in span if not tests[one]]).delete()
    WeighedWeek.objects.bulk_create(
        books, update_conflicts=True, unique_fields=["starts_on"], update_fields=BOOKED
    )
    rows = [row for week in span for row in flagged[week]]
    Weighing.objects.bulk_update(rows, ["q_value"])
    return rows


def _set_issues(keys: set[str], ratio: float, now: datetime) -> None:
    """Issues of what tests flag, or did before: how sure they are, and what follows from it."""
    if not keys:
        return
    locked_lots(flagged_lot_ids(keys))
    causes = locked_causes(keys)
    own = [causes.own[key] for key in keys if key in causes.own]
    surest = surest_weighings(own)
    flagged = [issue for issue in own if issue.pk in surest]
    for issue in flagged:
        if issue.weighing_id != surest[issue.pk].pk:
            issue.weighing = surest[issue.pk]
            issue.save(update_fields=["weighing"])
    _escalate(_by_head(flagged, surest, causes), ratio, now)


def _by_head(
    flagged: Sequence[Issue], surest: Mapping[int, Weighing], causes: Causes
) -> dict[Issue, list[float]]:
    """The open issues that stand for these, in order of their ids, each with the q of these."""
    groups: dict[Issue, list[float]] = defaultdict(list)
    for one in flagged:
        head, q_value = causes.head(one.cause_key), surest[one.pk].q_value
        assert q_value is not None, "a flag has a q"
        if head is not None and head.is_open:
            groups[head].append(q_value)
    return {head: groups[head] for head in sorted(groups, key=lambda head: head.pk)}


def _escalate(heads: Mapping[Issue, list[float]], ratio: float, now: datetime) -> None:
    """An issue counts where it, or any that was merged into it, is within the budget or a fact.

    A fact has no q, and counts as 0. What is no longer found has none either, and does not count.
    """
    groups = {head.pk: q_values for head, q_values in heads.items()}
    ids = list(groups)
    rows = Issue.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids), is_found=True)
    for pk, head_id, q_value in rows.values_list("pk", "merged_into", "weighing__q_value"):
        groups[head_id or pk].append(0.0 if q_value is None else q_value)
    mention([pk for pk in ids if min(groups[pk]) > ratio])
    for head in heads:
        q_least = min(groups[head.pk])
        if head.is_escalated != (q_least <= ratio):
            head.is_escalated = not head.is_escalated
            head.save(update_fields=["is_escalated"])
            if head.is_escalated:
                escalate(head, now, f"q {q_least:.2%}, the budget is {ratio:.0%}.")
