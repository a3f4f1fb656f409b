"""Real files that came damaged first: after the good one all is as if it had come alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from intake.tests.handing import loaded
from quality.models import YieldFigure
from quality.services import summarise_owed
from testing.models import (
    BinDefinition,
    LotStep,
    Parameter,
    ReadingSummary,
    Restatement,
    Run,
    RunLimit,
    UnitResult,
)
from testing.selectors import that_count

SHARED = settings.BASE_DIR.parent / "shared" / "stdf"
NAMES = ["lot3.stdf", "a595.stdf", "four_site_93k.stdf", "d10_1.std"]
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOLE_BYTES = 300
HEAD_BYTES = 600
FLIPS = 1000

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/stdf is not beside this checkout"),
]


def cut(content: bytes) -> bytes:
    """Two thirds of it, as a transfer that broke off."""
    return content[: len(content) * 2 // 3]


def holed(content: bytes) -> bytes:
    """Zeros in the middle, as a disk that lost a block."""
    middle = len(content) // 2
    return content[:middle] + bytes(HOLE_BYTES) + content[middle + HOLE_BYTES :]


def flipped(content: bytes) -> bytes:
    """Bits turned over in the last three quarters, always the same ones."""
    random, damaged = Random(5), bytearray(content)  # noqa: S311
    for _ in range(FLIPS):
        place = random.randrange(len(content) // 4, len(content))
        damaged[place] ^= 1 << random.randrange(8)
    return bytes(damaged)


def disordered(content: bytes) -> bytes:
    """Its second and last third in each other's place, as parts of a file put together wrongly."""
    third = len(content) // 3
    return content[:HEAD_BYTES] + content[2 * third :] + content[HEAD_BYTES : 2 * third]


DAMAGES = (cut, flipped, disordered, holed)


def figures() -> dict[str, Any]:
    """What pages and the API tell of all that counts, without ids."""
    run = "run__source_sha256"
    counting = that_count("run")
    tests = Parameter.objects.filter(summaries__run__in=Run.objects.filter(that_count()))
    bins = BinDefinition.objects.filter(stated_by__in=Run.objects.filter(that_count()))
    return {
        "counts": list(
            LotStep.objects.values_list(
                "insertion_count", "unit_count", "first_pass_count", "final_pass_count",
                "retested_count", "recovered_count", "first_started_at",
            )
        ),
        "conflicts": list(
            LotStep.objects.order_by("conflicts__kind", "conflicts__subject").values_list(
                "conflicts__kind", "conflicts__names"
            )
        ),
        "results": list(
            UnitResult.objects.filter(counting).order_by(run, "part_index").values_list(
                run, "part_index", "part_id", "attempt", "is_first", "is_final", "outcome",
                "hard_bin", "soft_bin", "x", "y",
            )
        ),
        "limits": list(
            tests.distinct().order_by("number", "text", "occurrence").values_list(
                "number", "text", "occurrence", "kind", "units", "scale", "limit_low",
                "limit_high", "stated_by__source_sha256",
            )
        ),
        "own limits": list(RunLimit.objects.filter(counting).values_list(run, "parameter")),
        "bins": list(
            bins.order_by("kind", "number").values_list("kind", "number", "name", "passes")
        ),
        "summaries": list(
            ReadingSummary.objects.filter(counting)
            .order_by(
                "parameter__number", "parameter__text", "parameter__occurrence", "site"
            )
            .values_list("site", "count", "fail_count", "mean", "deviation", "median")
        ),
        "yields": list(
            YieldFigure.objects.filter(is_current=True).order_by("scope", "scope_key")
            .exclude(scope="program")
            .values_list(
                "scope", "scope_key", "tested", "first_passed", "final_passed", "retested",
                "recovered", "final_low", "final_high", "fail_bins",
            )
        ),
    }  # fmt: skip


def counted(content: bytes, name: str) -> str:
    """The file taken in and yields counted; its state."""
    file = loaded(content, name, creates_lots=True)
    summarise_owed(now=NOW)
    return file.state


@pytest.mark.parametrize("name", NAMES)
def test_a_good_file_repairs_what_its_damaged_copies_told(
    name: str, reference: None, files_folder: Path
) -> None:
    good = (SHARED / name).read_bytes()
    with transaction.atomic():
        counted(good, name)
        alone = figures()
        transaction.set_rollback(True)
    for damage in DAMAGES:
        counted(damage(good), f"{damage.__name__}-{name}")
    assert figures() != alone
    assert counted(good, name) == "loaded"
    assert figures() == alone
    whole = Run.objects.get(that_count())
    damaged = Run.objects.exclude(pk=whole.pk)
    assert whole.source_name == name
    assert set(damaged.values_list("superseded_by", flat=True)) == {whole.pk}
    assert damaged.count() == len(DAMAGES)
    assert Restatement.objects.order_by("-revision")[0].cause == "repair"


@pytest.mark.parametrize("name", NAMES)
def test_damaged_copies_that_come_after_the_good_file_change_nothing(
    name: str, reference: None, files_folder: Path
) -> None:
    good = (SHARED / name).read_bytes()
    counted(good, name)
    alone = figures()
    for damage in reversed(DAMAGES):
        counted(damage(good), f"{damage.__name__}-{name}")
        assert figures() == alone, damage.__name__
    assert Run.objects.get(that_count()).source_name == name
