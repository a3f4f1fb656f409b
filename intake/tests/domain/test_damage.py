from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from intake.domain.errors import FileRefusedError, NotStdfError
from intake.domain.stdf.decoder import Decoding, decode
from intake.domain.stdf.run import DecodedRun
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, require_consistent, unpacked

pytestmark = needs_shared
SMALL = ["four_site_93k.stdf", "d10_1.std"]
MEMORY_BYTES_MAX = 40 << 20


def require_whole(run: DecodedRun) -> None:
    """Kept and rejected are what was read; none of these files has an MPR."""
    require_consistent(run)
    counts, rejected = run.record_counts, run.rejected_counts
    kept = len(run.readings) + run.not_executed
    left_out = sum(rejected.get(kind, 0) for kind in ("test", "PTR", "FTR"))
    if "MPR" not in counts:
        assert counts.get("PTR", 0) + counts.get("FTR", 0) == kept + left_out


def require_survived(content: bytes) -> None:
    try:
        run = decode([content])
    except FileRefusedError:
        return
    require_whole(run)


@pytest.mark.parametrize("name", REFERENCE)
def test_a_file_cut_at_every_hundredth_loses_no_record(name: str) -> None:
    content = unpacked(name)
    for hundredth in range(1, 100):
        cut = content[: len(content) * hundredth // 100]
        try:
            run = decode([cut])
        except NotStdfError:
            assert len(cut) < 2000
            continue
        require_whole(run)
        assert run.is_partial


@pytest.mark.parametrize("name", REFERENCE)
def test_a_thousand_flipped_bits_lose_no_record_silently(name: str) -> None:
    content = bytearray(unpacked(name))
    chance = np.random.default_rng(1000)
    for _ in range(1000):
        content[chance.integers(6, len(content))] ^= 1 << int(chance.integers(8))
    require_survived(bytes(content))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("seed", range(40))
def test_a_few_flipped_bits_lose_no_record_silently(name: str, seed: int) -> None:
    content = bytearray(unpacked(name))
    chance = np.random.default_rng(seed)
    for _ in range(int(chance.integers(1, 40))):
        content[chance.integers(6, len(content))] ^= 1 << int(chance.integers(8))
    require_survived(bytes(content))


@pytest.mark.parametrize("name", REFERENCE)
def test_a_hole_of_zeros_is_passed_over_and_told(name: str) -> None:
    content = bytearray(unpacked(name))
    at, size = len(content) // 2, len(content) // 20
    content[at : at + size] = bytes(size)
    run = decode([bytes(content)])
    require_whole(run)
    assert any(abs(one.position - at) < 70_000 for one in run.rejected if one.kind == "corrupt")
    assert not run.is_partial


@pytest.mark.parametrize("name", REFERENCE)
def test_halves_in_the_wrong_order_are_told(name: str) -> None:
    content = unpacked(name)
    front, third = 600, len(content) // 3
    swapped = content[:front] + content[2 * third :] + content[front : 2 * third]
    require_survived(swapped)


@pytest.mark.parametrize("name", REFERENCE)
def test_order_of_bytes_swapped_in_the_far_is_no_crash(name: str) -> None:
    content = bytearray(unpacked(name))
    content[0], content[1] = content[1], content[0]
    require_survived(bytes(content))


def test_memory_is_bounded_however_long_the_file() -> None:
    content = unpacked("a595.stdf")
    decode([content])
    tracemalloc.start()
    try:
        for _ in Decoding(content for _ in range(8)).batches():
            pass
        assert tracemalloc.get_traced_memory()[1] < MEMORY_BYTES_MAX
    finally:
        tracemalloc.stop()
