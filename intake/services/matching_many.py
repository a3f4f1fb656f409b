"""Many waiting files at once: each is matched or tried again by itself, and what failed is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser

from intake.domain.words import TEST_KINDS, FileState
from intake.models import RawFile
from intake.services.matching_by_hand import match_file, retry_file
from lots.models import Lot, Step
from supplychain.base.errors import SupplychainError

FILES_MAX = 500


@dataclass(frozen=True, slots=True)
class ManyOutcome:
    """done: files owed again. refused: name and reason of each that was not."""

    done: int
    refused: tuple[tuple[str, str], ...]


def match_files(
    *, file_ids: Sequence[int], lot: Lot, step: Step, actor: AbstractBaseUser
) -> ManyOutcome:
    """Say for several waiting files where they belong."""
    return _each(file_ids, lambda file: match_file(file=file, lot=lot, step=step, actor=actor))


def retry_files(*, file_ids: Sequence[int]) -> ManyOutcome:
    """Try several waiting files again, as after a rule was changed; nothing is sent again."""
    return _each(file_ids, lambda file: retry_file(file=file))


def _each(file_ids: Sequence[int], act: Callable[[RawFile], RawFile]) -> ManyOutcome:
    done, refused = 0, []
    files = RawFile.objects.filter(
        pk__in=file_ids[:FILES_MAX], kind__in=TEST_KINDS, state=FileState.UNMATCHED
    )
    for file in files.order_by("pk"):
        try:
            act(file)
            done += 1
        except SupplychainError as error:
            refused.append((file.name, error.detail))
    return ManyOutcome(done, tuple(refused))
