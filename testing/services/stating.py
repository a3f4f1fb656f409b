"""Limits and bins of a program revision: of the file whose word stands, in any order of arrival."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q

from testing.domain.statements import Authority, BinStatement, LimitStatement
from testing.models import BinDefinition, Parameter, ProgramRevision, Run, RunBin, RunLimit
from testing.selectors import that_count
from testing.services.catalogue import BinKey
from testing.sql import statement

ROWS_AT_ONCE = 1000
TEST_FIELDS = ("kind", "units", "scale", "limit_low", "limit_high")
Ranks = Mapping[int, Run]


@dataclass(frozen=True, slots=True)
class Told:
    """What a run's file says. tests: our parameter → statement; bins: kind and number → it."""

    run: Run
    tests: Mapping[int, LimitStatement]
    bins: Mapping[BinKey, BinStatement]


@dataclass(frozen=True, slots=True)
class Taken:
    """A test that gets another run's word. is_other: it says something else than what stood."""

    parameter_id: int
    run_id: int
    statement: LimitStatement
    is_other: bool


def settle_statements(told: Told, replaced: Collection[int]) -> None:
    """Let each statement stand that has the authority, and keep with its run each that has not.

    replaced: runs that the run has just superseded. The last thing that a load does, for the loads
    of a revision wait for each other here until the transaction ends.
    """
    ProgramRevision.objects.select_for_update(no_key=True).get(pk=told.run.revision_id)
    _settle_tests(told, replaced)
    _settle_bins(told, replaced)


def settle_without(withdrawn: Run, revived: Sequence[Run]) -> None:
    """Let others have the word where a run had it that was taken back, as if it had not come.

    revived: runs that count again. What no other run tells of stays as the run said it.
    """
    revision = ProgramRevision.objects.select_for_update(no_key=True).get(pk=withdrawn.revision_id)
    tests = Parameter.objects.filter(
        Q(stated_by=withdrawn) | Q(summaries__run__in=revived), revision=revision
    )
    _take_over(_best_tests(sorted(set(tests.values_list("pk", flat=True)))))
    changed = []
    best = {(one.kind, one.number): one for one in _best_bins(revision.pk)}
    for row in revision.bins.all():
        said = best.get((row.kind, row.number))
        if said is not None and (revived or row.stated_by_id == withdrawn.pk):
            changed.append(_restated(row, said.run_id, _stated(said)))
    BinDefinition.objects.bulk_update(changed, ["stated_by", "name", "passes"])


def _settle_tests(told: Told, replaced: Collection[int]) -> None:
    if not told.tests and not replaced:
        return
    standing, sources = _standing_tests(told.run.revision_id)
    ranks = _ranks(told.run, sources.values())
    taken, own = [], []
    for parameter_id, mine in told.tests.items():
        now, source = standing[parameter_id], sources[parameter_id]
        if _has_the_word(ranks, told.run.pk, mine.is_silent, source, now.is_silent):
            taken.append(Taken(parameter_id, told.run.pk, mine, mine != now))
        elif mine != now:
            own.append(RunLimit(run=told.run, parameter_id=parameter_id, **asdict(mine)))
    RunLimit.objects.bulk_create(own, batch_size=ROWS_AT_ONCE)
    _take_over(taken)
    orphans = {pk for pk, source in sources.items() if source in replaced}
    if orphans and not _has_rivals(told.run):
        orphans -= {one.parameter_id for one in taken}
    _take_over(_best_tests(sorted(orphans)))


def _standing_tests(
    revision_id: int,
) -> tuple[dict[int, LimitStatement], dict[int, int | None]]:
    """Parameter → what stands, and → the run that said it; None where that was not kept."""
    rows = Parameter.objects.filter(revision=revision_id).order_by()
    found = list(rows.values_list("pk", "stated_by_id", *TEST_FIELDS))
    return (
        {pk: LimitStatement(*fields) for pk, _, *fields in found},
        {pk: source for pk, source, *_ in found},
    )


def _ranks(run: Run, sources: Iterable[int | None]) -> Ranks:
    ids = {pk for pk in sources if pk is not None} - {run.pk}
    rows = Run.objects.only("started_at", "source_sha256", "superseded_by", "is_withdrawn")
    return {**(rows.in_bulk(ids) if ids else {}), run.pk: run}


def _has_the_word(
    ranks: Ranks, mine: int, am_silent: bool, theirs: int | None, are_silent: bool
) -> bool:
    """Whether my run goes before the one whose statement stands. One that is not kept gives way."""
    if theirs is None:
        return True
    return _authority(ranks[mine], am_silent) < _authority(ranks[theirs], are_silent)


def _authority(run: Run, is_silent: bool) -> Authority:
    is_left = run.superseded_by_id is not None or run.is_withdrawn
    return Authority(is_left, is_silent, run.started_at, run.source_sha256)


def _has_rivals(run: Run) -> bool:
    """Whether other counting runs began with it: one of them may go before it."""
    rivals = Run.objects.filter(
        that_count(), revision=run.revision_id, started_at=run.started_at
    ).exclude(pk=run.pk)
    return rivals.exists()


def _best_tests(parameter_ids: Sequence[int]) -> list[Taken]:
    """Of all runs that have a test, the one with the authority; only where it is another now."""
    if not parameter_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement("best_statements"), {"parameter_ids": list(parameter_ids)})
        return [
            Taken(pk, run_id, LimitStatement(*fields), is_other)
            for pk, run_id, is_other, *fields in cursor.fetchall()
        ]


def _take_over(taken: Sequence[Taken]) -> None:
    """What stood becomes the own statement of the runs that said it; their number is the cost."""
    if not taken:
        return
    changed = [one.parameter_id for one in taken if one.is_other]
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(statement("keep_statements"), {"parameter_ids": changed})
        for start in range(0, len(taken), ROWS_AT_ONCE):
            some = taken[start : start + ROWS_AT_ONCE]
            columns = {name: [getattr(one.statement, name) for one in some] for name in TEST_FIELDS}
            cursor.execute(
                statement("restate_parameters"),
                {
                    "parameter_ids": [one.parameter_id for one in some],
                    "run_ids": [one.run_id for one in some],
                    **columns,
                },
            )
        if changed:
            cursor.execute(statement("drop_statements"), {"parameter_ids": changed})


def _settle_bins(told: Told, replaced: Collection[int]) -> None:
    run = told.run
    RunBin.objects.bulk_create(
        RunBin(run=run, kind=kind, number=number, **asdict(mine))
        for (kind, number), mine in told.bins.items()
    )
    if not told.bins and not replaced:
        return
    standing = {(one.kind, one.number): one for one in run.revision.bins.all()}
    ranks = _ranks(run, {one.stated_by_id for one in standing.values()})
    orphans = [key for key, one in standing.items() if one.stated_by_id in replaced]
    BinDefinition.objects.bulk_create(
        BinDefinition(
            revision=run.revision, kind=kind, number=number, stated_by=run, **asdict(mine)
        )
        for (kind, number), mine in told.bins.items()
        if (kind, number) not in standing
    )
    changed = [
        _restated(now, run.pk, mine)
        for key, mine in told.bins.items()
        if (now := standing.get(key)) is not None
        and _has_the_word(ranks, run.pk, mine.is_silent, now.stated_by_id, _stated(now).is_silent)
    ]
    best = {(one.kind, one.number): one for one in _best_bins(run.revision_id)} if orphans else {}
    changed += [
        _restated(standing[key], best[key].run_id, _stated(best[key]))
        for key in orphans
        if key in best
    ]
    fields = ["stated_by", "name", "passes"]
    BinDefinition.objects.bulk_update({one.pk: one for one in changed}.values(), fields)


def _stated(row: BinDefinition | RunBin) -> BinStatement:
    return BinStatement(row.name, row.passes)


def _restated(row: BinDefinition, run_id: int, said: BinStatement) -> BinDefinition:
    row.stated_by_id, row.name, row.passes = run_id, said.name, said.passes
    return row


def _best_bins(revision_id: int) -> list[RunBin]:
    """Of all runs that name a bin, the word of the one with the authority."""
    rows = RunBin.objects.filter(run__revision=revision_id).annotate(
        is_left=ExpressionWrapper(~that_count("run"), BooleanField()),
        is_silent=ExpressionWrapper(Q(name="", passes__isnull=True), BooleanField()),
    )
    order = ("is_left", "is_silent", "run__started_at", "run__source_sha256")
    return list(rows.order_by("kind", "number", *order).distinct("kind", "number"))
