from __future__ import annotations

from datetime import timedelta

import pytest

from supplychain.base.errors import RefusedError
from testing.domain.words import ReleaseState
from testing.models import BurnInRequirement, ProgramRevision
from testing.services import (
    load_reference,
    record_run,
    release_program,
    release_revision,
    retire_revision,
)
from testing.tests.builders import START, Part
from testing.tests.conftest import Line


def test_a_revision_seen_first_in_a_file_is_not_released(line: Line) -> None:
    run = record_run(line.tested(Part(part_id="C1")).record())
    assert run.revision.state == ReleaseState.UNRELEASED


def test_a_program_released_beforehand_is_the_one_a_file_names(line: Line) -> None:
    released = release_program(product=line.chip, program="sort", revision="1", released_at=START)
    run = record_run(line.tested(Part(part_id="C1")).record())
    assert run.revision == released
    assert run.revision.state == ReleaseState.RELEASED


def test_releasing_again_keeps_the_first_date(line: Line) -> None:
    for day in (START, START + timedelta(days=1)):
        release_program(product=line.chip, program="sort", revision="1", released_at=day)
    assert ProgramRevision.objects.get().released_at == START


def test_a_retired_revision_cannot_be_released(line: Line) -> None:
    revision = release_program(product=line.chip, program="p", revision="", released_at=START)
    retired = retire_revision(revision=revision)
    with pytest.raises(RefusedError, match="retired"):
        release_revision(revision=retired, released_at=START)


def test_reference_is_loaded_once_and_never_over_what_stands(line_reference: None) -> None:
    BurnInRequirement.objects.update(hours=24)
    load_reference()
    assert BurnInRequirement.objects.get().hours == 24
