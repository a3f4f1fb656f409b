"""A run taken back leaves everything as if it had not come, and stays to be read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.test import Client

from lots.models import Step
from supplychain.base.errors import ConflictError, RefusedError
from testing.domain.records import RunRecord
from testing.domain.words import Outcome, RestatementCause
from testing.models import (
    BinDefinition,
    IdentityConflict,
    LotStep,
    Parameter,
    ReadingFile,
    Restatement,
    Run,
    RunLimit,
    RunWithdrawal,
    UnitResult,
)
from testing.selectors import coverage_of_lots, listed_revisions, results_of_unit
from testing.services import Withdrawal, record_run, record_run_anew, withdraw_run
from testing.tests.builders import Part
from testing.tests.conftest import Line

BAD = Outcome.FAIL
A, B, C = "a" * 64, "b" * 64, "c" * 64
RIGHTS = ["view_run", "view_unitresult", "view_readingsummary", "view_readingfile"]


@pytest.fixture
def someone(db: None) -> User:
    return User.objects.create_user("someone")


def order(actor: User, key: str = "k") -> Withdrawal:
    return Withdrawal(actor, "wrong lot id", key, "0" * 64)


def files(line: Line) -> list[RunRecord]:
    """Three sessions over the same chips, out of order: limits and outcomes differ."""
    first = line.tested(Part(part_id="C1", outcome=BAD), Part(part_id="C2"), sha256=A, hours=2)
    again = line.tested(Part(part_id="C1"), Part(part_id="C3"), sha256=B, hours=1)
    last = line.tested(Part(part_id="C1", outcome=BAD), sha256=C, hours=3)
    low = [replace(one, limit_low=0.5) for one in again.parameters]
    return [first.record(), replace(again, parameters=low).record(), last.record()]


def stood() -> dict[str, Any]:
    """All that counts, whoever recorded it in whatever order."""
    tests = Parameter.objects.filter(stated_by__is_withdrawn=False)
    counts = "unit_count", "first_pass_count", "final_pass_count", "retested_count"
    return {
        "steps": list(
            LotStep.objects.filter(unit_count__gt=0)
            .order_by("lot__code", "step__code")
            .values_list(
                "lot__code", "step__code", "insertion_count", "recovered_count",
                "first_started_at", *counts,
            )
        ),
        "results": list(
            UnitResult.objects.filter(attempt__isnull=False)
            .order_by("run__source_sha256", "part_index")
            .values_list(
                "run__source_sha256", "part_index", "unit_key", "attempt", "is_first", "is_final"
            )
        ),
        "tests": list(
            tests.order_by("number").values_list("number", "limit_low", "stated_by__source_sha256")
        ),
        "limits": list(
            RunLimit.objects.filter(run__is_withdrawn=False)
            .order_by("run__source_sha256")
            .values_list("run__source_sha256", "limit_low")
        ),
        "bins": list(
            BinDefinition.objects.filter(stated_by__is_withdrawn=False).values_list(
                "number", "name", "stated_by__source_sha256"
            )
        ),
        "copies": list(
            Run.objects.filter(is_withdrawn=False)
            .order_by("source_sha256")
            .values_list("source_sha256", "superseded_by__source_sha256")
        ),
        "conflicts": list(IdentityConflict.objects.values_list("kind", "subject", "names")),
    }  # fmt: skip


def without(*records: RunRecord) -> dict[str, Any]:
    """What stands when just these come."""
    with transaction.atomic():
        for record in records:
            record_run(record)
        found = stood()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_what_is_taken_back_might_not_have_come(line: Line, someone: User, gone: int) -> None:
    records = files(line)
    expected = without(*(one for place, one in enumerate(records) if place != gone))
    runs = [record_run(one) for one in records]
    withdraw_run(run=runs[gone], by=order(someone))
    assert stood() == expected


def test_a_copy_that_it_replaced_counts_again(line: Line, someone: User) -> None:
    parts = [Part(part_id=f"C{n}") for n in (1, 2, 3)]
    cut = line.tested(*parts[:2], sha256=A, is_partial=True).record()
    expected = without(cut)
    record_run(cut)
    whole = record_run(line.tested(*parts, sha256=B).record())
    withdraw_run(run=whole, by=order(someone))
    assert stood() == expected
    assert Run.objects.get(source_sha256=A).superseded_by is None


def test_the_best_of_two_copies_counts_again(line: Line, someone: User) -> None:
    parts = [Part(part_id=f"C{n}") for n in (1, 2, 3)]
    cuts = [
        line.tested(*parts[:n], sha256=sha, is_partial=True).record() for n, sha in ((1, A), (2, B))
    ]
    expected = without(*cuts)
    whole = record_run(line.tested(*parts, sha256=C).record())
    for one in cuts:
        record_run(one)
    withdraw_run(run=whole, by=order(someone))
    assert stood() == expected


def test_a_replaced_copy_is_taken_back_without_a_change(line: Line, someone: User) -> None:
    parts = [Part(part_id=f"C{n}") for n in (1, 2, 3)]
    whole = line.tested(*parts, sha256=B).record()
    expected = without(whole)
    cut = record_run(line.tested(*parts[:2], sha256=A, is_partial=True).record())
    record_run(whole)
    withdraw_run(run=cut, by=order(someone))
    assert stood() == expected


def test_the_last_one_leaves_a_lot_step_of_nothing(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    withdraw_run(run=run, by=order(someone))
    lot_step = LotStep.objects.get()
    assert (lot_step.unit_count, lot_step.insertion_count, lot_step.first_started_at) == (
        0,
        0,
        None,
    )
    assert stood() == without()


def test_the_log_of_changes_names_who_and_why(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    withdraw_run(run=run, by=order(someone))
    last = Restatement.objects.order_by("revision").last()
    assert last is not None
    assert (last.cause, last.run, last.actor, last.reason, last.unit_count) == (
        RestatementCause.TAKEN_BACK, run, someone, "wrong lot id", 0,
    )  # fmt: skip


def test_it_is_taken_back_once_and_for_a_reason(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    with pytest.raises(RefusedError):
        withdraw_run(run=run, by=replace(order(someone), reason=" "))
    withdraw_run(run=run, by=order(someone))
    with pytest.raises(ConflictError):
        withdraw_run(run=run, by=order(someone, "other"))


def test_history_stays_as_it_is(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    withdraw_run(run=run, by=order(someone))
    for change in (
        lambda: Run.objects.filter(pk=run.pk).update(is_withdrawn=False),
        lambda: RunWithdrawal.objects.update(reason="another"),
        lambda: RunWithdrawal.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_its_results_and_readings_stay_and_count_nowhere(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    withdraw_run(run=run, by=order(someone))
    assert run.results.count() == 2
    assert ReadingFile.objects.filter(run=run).exists()
    unit = line.chip_lot.units.get(serial="C1")
    assert not results_of_unit(unit).exists()
    covered = coverage_of_lots(line.final_test.code, line.final_test.kind, [line.chip_lot.pk])
    assert len(covered[line.chip_lot.pk].missing) == 3
    assert [one.run_count for one in listed_revisions()] == [0]  # type: ignore[attr-defined]


def test_the_same_file_is_recorded_anew_as_its_second_edition(line: Line, someone: User) -> None:
    record = files(line)[0]
    old = record_run(record)
    withdraw_run(run=old, by=order(someone))
    fresh = record_run(record)
    assert (old.key, fresh.key, fresh.edition) == (A, f"{A}-2", 2)
    assert record_run(record) == fresh


def test_one_content_stands_once(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(edition=2)
        run.pk, run.edition = None, 1
        run.save(force_insert=True)


def test_matched_anew_it_stands_as_if_it_had_been_so_from_the_first(
    line: Line, someone: User
) -> None:
    one, other, last = files(line)
    wrong = replace(one, step_id=line.burn_in.pk)
    expected = without(one, other, last)
    run = record_run(wrong)
    record_run(other)
    record_run(last)
    fresh = record_run_anew(run=run, record=one, by=order(someone))
    assert stood() == expected
    causes = fresh.restatements.values_list("cause", "reason")
    assert list(causes) == [(RestatementCause.MATCHED_ANEW, "wrong lot id")]


def test_a_refused_record_leaves_the_old_run_standing(line: Line, someone: User) -> None:
    run = record_run(files(line)[0])
    before = stood()
    elsewhere = Step.objects.exclude(route_version=line.final_test.route_version_id).order_by("pk")
    record = replace(files(line)[0], step_id=elsewhere[0].pk)
    with pytest.raises(RefusedError):
        record_run_anew(run=run, record=record, by=order(someone))
    assert stood() == before
    assert not RunWithdrawal.objects.exists()


@pytest.fixture
def reader(client: Client, db: None) -> Client:
    user = User.objects.create_user("reader")
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    client.force_login(user)
    return client


@pytest.mark.parametrize("what", ["results", "summaries", "readings"])
def test_lists_leave_it_out_unless_asked(
    line: Line, someone: User, reader: Client, what: str
) -> None:
    record = files(line)[0]
    withdraw_run(run=record_run(record), by=order(someone))
    record_run(record)

    def names(words: str) -> set[str]:
        answer = reader.get(f"/api/v1/{what}?lot=AS-1&{words}").json()
        return {row["run"] for row in answer["results"]}

    assert names("limit=9") == names("withdrawn=false") == {f"{A}-2"}
    assert names("superseded=false") == {f"{A}-2"}
    assert names("withdrawn=true") == names(f"run={A}") == {A}
    assert names("superseded=true") == set()


def test_the_old_address_names_the_run_that_stands(
    line: Line, someone: User, reader: Client
) -> None:
    record = files(line)[0]
    withdraw_run(run=record_run(record), by=order(someone))
    record_run(record)
    old = reader.get(f"/api/v1/runs/{A}").json()
    assert (old["name"], old["stands_as"], old["stood_as"]) == (A, f"{A}-2", [])
    assert (old["withdrawn"]["by"], old["withdrawn"]["reason"]) == ("someone", "wrong lot id")
    new = reader.get(f"/api/v1/runs/{A}-2").json()
    assert (new["stands_as"], new["stood_as"], new["withdrawn"]) == (None, [A], None)
    listed = reader.get("/api/v1/runs").json()["results"]
    assert [row["name"] for row in listed] == [f"{A}-2"]
