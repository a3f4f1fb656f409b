from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from intake.domain.errors import FileRefusedError, NotStdfError
from intake.domain.stdf.decoder import Decoding, decode
from intake.domain.stdf.opening import opened, records_of
from intake.domain.stdf.run import DecodedRun
from intake.domain.stdf.words import record_name
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, require_consistent, unpacked
from intake.tests.stdf_builder import Writer

pytestmark = needs_shared
SMALL = ["four_site_93k.stdf", "d10_1.std"]
MEMORY_BYTES_MAX = 40 << 20
NO_RECORDS = {"test", "corrupt"}
EVERY = "every_common_record.stdf"
W = Writer(">")


def require_whole(run: DecodedRun) -> None:
    """Kept and rejected are what was read, of results, tests, values and lines of the datalog."""
    require_consistent(run)
    counts, rejected = run.record_counts, run.rejected_counts
    assert run.balance is not None
    run.balance.require(len(run.readings), run.not_executed)
    tests = sum(counts.get(kind, 0) - rejected.get(kind, 0) for kind in ("PTR", "MPR", "FTR"))
    assert run.balance.records == tests
    lines = len(list(run.datalog.lines())) + run.datalog.left_out
    assert lines == counts.get("DTR", 0) + counts.get("GDR", 0)
    assert all(rejected[kind] <= counts[kind] for kind in rejected if kind not in NO_RECORDS)
    assert sum(rejected.values()) == run.rejected_count


def require_survived(content: bytes) -> None:
    """Every byte is in a record, in a stretch without records or behind the last whole one."""
    framer = opened([content], 0).framer
    sizes = [(record_name(kind), end - at + 4) for kind, _, at, end in framer.frames()]
    corrupt = framer.corrupt_bytes
    tail = 0 if framer.cut_at is None else len(content) - framer.cut_at
    assert sum(size for _, size in sizes) + corrupt + tail == len(content)
    try:
        run = decode([content])
    except FileRefusedError:
        return
    require_whole(run)
    assert run.record_counts == Counter(kind for kind, _ in sizes)


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
@pytest.mark.parametrize("seed", [1000, 1001, 1002, 1003])
def test_a_thousand_flipped_bits_lose_no_record_silently(name: str, seed: int) -> None:
    content = bytearray(unpacked(name))
    chance = np.random.default_rng(seed)
    for _ in range(1000):
        content[chance.integers(6, len(content))] ^= 1 << int(chance.integers(8))
    require_survived(bytes(content))


@pytest.mark.parametrize("name", [*SMALL, EVERY])
@pytest.mark.parametrize("seed", range(80))
def test_a_few_flipped_bits_lose_no_record_silently(name: str, seed: int) -> None:
    content = bytearray(unpacked(name))
    chance = np.random.default_rng(seed)
    for _ in range(int(chance.integers(1, 40))):
        content[chance.integers(6, len(content))] ^= 1 << int(chance.integers(8))
    require_survived(bytes(content))


def test_every_kind_of_record_cut_anywhere_is_kept_or_told() -> None:
    content = unpacked(EVERY)
    for at in range(6, len(content)):
        require_survived(content[:at])


@pytest.mark.parametrize("seed", range(20))
def test_lengths_that_lie_lose_no_record_silently(seed: int) -> None:
    content = bytearray(unpacked(EVERY))
    chance = np.random.default_rng(seed)
    for place in chance.choice([one.position for one in records_of([bytes(content)])][1:], 3):
        content[place : place + 2] = int(chance.integers(0, 1 << 16)).to_bytes(2, "big")
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


LYING = {
    "MPR": W.record(15, 15, W.pack("IBBBBHH", 1, 1, 1, 0, 0, 65_535, 65_535)),
    "FTR": W.record(15, 20, W.ftr()[4:38] + b"\xff" * 4),
    "FAIL_PIN": W.record(15, 20, W.ftr()[4:42] + b"\xff" * 2),
    "PTR": W.record(15, 10, W.ptr()[4:] + b"\xff"),
    "PRR": W.record(5, 20, W.prr()[4:-1] + b"\xff"),
    "SDR": W.record(1, 80, b"\1\1\xff"),
    "GDR": W.record(50, 10, b"\xff\xff"),
    "PGR": W.record(1, 62, b"\0\1\0\xff\xff"),
    "PLR": W.record(1, 63, b"\xff\xff"),
    "RDR": W.record(1, 70, b"\xff\xff"),
    "CDR": W.record(1, 94, b"\0\0\1\0" + b"\xff" * 12),
    "STR": W.record(15, 30, b"\0" * 11 + b"\xff" * 80),
}


def memory_of(act: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", LYING)
def test_a_count_that_lies_takes_no_memory(kind: str) -> None:
    content = W.file(W.pir(), *[LYING[kind]] * 2_000, W.prr())
    decode([content])
    assert memory_of(lambda: list(Decoding([content]).batches())) < MEMORY_BYTES_MAX
    assert memory_of(lambda: sum(1 for _ in records_of([content]))) < MEMORY_BYTES_MAX
    require_survived(content)


@pytest.mark.parametrize("name", ["a595.stdf", "lot3.stdf"])
def test_memory_is_bounded_however_damaged_the_file(name: str) -> None:
    content = bytearray(unpacked(name))
    chance = np.random.default_rng(5)
    for place in chance.integers(600, len(content), 20_000):
        content[place] = chance.integers(256)
    damaged = bytes(content)

    def read() -> None:
        try:
            for _ in Decoding([damaged]).batches():
                pass
        except FileRefusedError:
            pass

    assert memory_of(read) < MEMORY_BYTES_MAX
