from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from supplychain.base.errors import ForbiddenError, MissingError, RefusedError
from testing.domain.releases import Release, was_released
from testing.domain.words import ReleaseState
from testing.models import BurnInRequirement, ProgramRevision
from testing.services import (
    Signatures,
    load_reference,
    prepare_release,
    record_run,
    release_program,
    release_revision,
    retire_revision,
    withdraw_release,
)
from testing.tests.builders import START, Part
from testing.tests.conftest import Line

RIGHTS = ["change_programrevision", "release_programrevision"]


def person(name: str) -> User:
    user = User.objects.create_user(name)
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS))
    return user


@pytest.fixture
def ann(db: None) -> User:
    return person("ann")


@pytest.fixture
def bob(db: None) -> User:
    return person("bob")


@pytest.fixture
def revision(line: Line) -> ProgramRevision:
    """As a file first names it."""
    return record_run(line.tested(Part(part_id="C1")).record()).revision


def prepare(revision: ProgramRevision, actor: User, reason: str = "gold units") -> ProgramRevision:
    return prepare_release(revision_id=revision.pk, reason=reason, actor=actor)


def test_a_revision_seen_first_in_a_file_is_not_released(revision: ProgramRevision) -> None:
    assert revision.state == ReleaseState.UNRELEASED


def test_a_program_released_beforehand_is_the_one_a_file_names(
    line: Line, ann: User, bob: User
) -> None:
    released = release_program(
        product=line.chip, program="sort", revision="1", released_at=START,
        signed=Signatures(ann, bob, "gold units"),
    )  # fmt: skip
    run = record_run(line.tested(Part(part_id="C1")).record())
    assert run.revision == released
    assert run.is_released


def test_releasing_again_keeps_the_first_date(line: Line, ann: User, bob: User) -> None:
    for day in (START, START + timedelta(days=1)):
        release_program(
            product=line.chip, program="sort", revision="1", released_at=day,
            signed=Signatures(ann, bob, "gold units"),
        )  # fmt: skip
    assert ProgramRevision.objects.get().released_at == START


def test_a_release_made_elsewhere_needs_two_people_too(line: Line, ann: User) -> None:
    with pytest.raises(ForbiddenError):
        release_program(
            product=line.chip, program="sort", revision="1", released_at=START,
            signed=Signatures(ann, ann, "gold units"),
        )  # fmt: skip


def test_one_person_prepares_and_another_releases(
    revision: ProgramRevision, ann: User, bob: User
) -> None:
    prepare(revision, ann)
    released = release_revision(revision_id=revision.pk, actor=bob)
    assert (released.state, released.prepared_by, released.released_by) == ("released", ann, bob)
    assert not revision.runs.get().is_released


def test_nobody_releases_what_they_prepared(revision: ProgramRevision, ann: User) -> None:
    prepare(revision, ann)
    with pytest.raises(ForbiddenError, match="Ask a colleague"):
        release_revision(revision_id=revision.pk, actor=ann)


@pytest.mark.parametrize("is_same", [True, False])
def test_the_database_refuses_a_release_by_one_person(
    revision: ProgramRevision, ann: User, is_same: bool
) -> None:
    with pytest.raises(IntegrityError, match="released_by_two"), transaction.atomic():
        ProgramRevision.objects.update(
            state=ReleaseState.RELEASED, released_at=START, released_by=ann,
            prepared_by=ann if is_same else None, release_reason="gold units",
        )  # fmt: skip


def test_what_nobody_prepared_is_not_released(revision: ProgramRevision, bob: User) -> None:
    with pytest.raises(RefusedError, match="Nobody prepared"):
        release_revision(revision_id=revision.pk, actor=bob)


def test_a_release_is_prepared_once_and_says_what_was_checked(
    revision: ProgramRevision, ann: User, bob: User
) -> None:
    with pytest.raises(RefusedError, match="what was checked"):
        prepare(revision, ann, " ")
    prepare(revision, ann)
    with pytest.raises(RefusedError, match="waits for approval"):
        prepare(revision, bob)


def test_a_prepared_release_is_withdrawn(revision: ProgramRevision, ann: User) -> None:
    prepare(revision, ann)
    withdrawn = withdraw_release(revision_id=revision.pk, actor=ann)
    assert (withdrawn.is_prepared, withdrawn.release_reason) == (False, "")
    with pytest.raises(RefusedError):
        withdraw_release(revision_id=revision.pk, actor=ann)


def test_a_retired_revision_is_retired_for_good(
    revision: ProgramRevision, ann: User, bob: User
) -> None:
    retired = retire_revision(revision_id=revision.pk, actor=ann)
    assert (retired.retired_by, retired.state) == (ann, "retired")
    with pytest.raises(RefusedError, match="retired before"):
        retire_revision(revision_id=revision.pk, actor=ann)
    with pytest.raises(RefusedError, match="is retired"):
        prepare(revision, ann)
    with pytest.raises(RefusedError, match="is retired"):
        release_revision(revision_id=revision.pk, actor=bob)


def test_a_revision_that_is_not_there_is_missing(ann: User) -> None:
    with pytest.raises(MissingError):
        retire_revision(revision_id=1, actor=ann)


def test_each_act_needs_its_right(revision: ProgramRevision) -> None:
    stranger = User.objects.create_user("stranger")
    acts: list[Callable[..., object]] = [withdraw_release, release_revision, retire_revision]
    for act in acts:
        with pytest.raises(ForbiddenError):
            act(revision_id=revision.pk, actor=stranger)
    with pytest.raises(ForbiddenError):
        prepare(revision, stranger)


@pytest.mark.parametrize(
    ("state", "released", "retired", "is_released"),
    [
        ("unreleased", None, None, False),
        ("released", 0, None, True),
        ("released", 1, None, False),
        ("retired", -2, 1, True),
        ("retired", -2, 0, False),
        ("retired", None, None, True),
    ],
)
def test_whether_a_revision_was_released_depends_on_the_moment(
    state: str, released: int | None, retired: int | None, is_released: bool
) -> None:
    moments = [
        None if days is None else START + timedelta(days=days) for days in (released, retired)
    ]
    assert was_released(Release(ReleaseState(state), *moments), START) is is_released


def test_revisions_are_listed_over_the_api(
    revision: ProgramRevision, ann: User, client: Client
) -> None:
    user = User.objects.create_user("reader")
    codes = ["view_programrevision", "view_program"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(user)
    prepare(revision, ann)
    (program,) = client.get("/api/v1/programs?code=sort").json()["results"]
    assert program["product"] == "TRN3"
    query = "product=TRN3&program=sort&revision=1&state=unreleased"
    (row,) = client.get(f"/api/v1/program-revisions?{query}").json()["results"]
    assert (row["prepared_by"], row["released_by"], row["run_count"]) == ("ann", None, 1)
    assert row["page"].endswith(f"/programs/{revision.pk}")
    assert not client.get("/api/v1/program-revisions?state=released").json()["results"]


def test_a_revision_without_runs_has_none(line: Line, ann: User, bob: User, client: Client) -> None:
    release_program(
        product=line.chip, program="sort", revision="1", released_at=timezone.now(),
        signed=Signatures(ann, bob, "gold units"),
    )  # fmt: skip
    client.force_login(User.objects.create_superuser("admin"))
    (row,) = client.get("/api/v1/program-revisions").json()["results"]
    assert (row["run_count"], row["first_run_at"], row["released_by"]) == (0, None, "bob")


def test_reference_is_loaded_once_and_never_over_what_stands(line_reference: None) -> None:
    BurnInRequirement.objects.update(hours=24)
    load_reference()
    assert BurnInRequirement.objects.get().hours == 24
