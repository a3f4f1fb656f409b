from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.domain.records import Readings, sorted_readings
from testing.services.spooling import ReadingSpool

BATCHES = st.lists(st.lists(st.integers(0, 5), max_size=12), min_size=1, max_size=6)


def batches_of(parameters: list[list[int]]) -> list[Readings]:
    """Each list the parameters of one part after another, three readings a part."""
    found = []
    count = 0
    for numbers in parameters:
        place = np.arange(count, count + len(numbers))
        count += len(numbers) + 3
        found.append(
            Readings(
                part_index=(place // 3).astype(np.int32),
                parameter_index=np.array(numbers, dtype=np.int32),
                value=place.astype(np.float64) / 8,
                flag=(place % 7).astype(np.uint8),
                outcome=(place % 5).astype(np.uint8),
            )
        )
    return found


def joined(batches: list[Readings]) -> Readings:
    names = ("part_index", "parameter_index", "value", "flag", "outcome")
    return Readings(
        **{name: np.concatenate([getattr(one, name) for one in batches]) for name in names}
    )


def rows(readings: Readings) -> list[tuple[float, ...]]:
    columns = (
        readings.parameter_index, readings.part_index, readings.value, readings.flag,
        readings.outcome,
    )  # fmt: skip
    return list(zip(*(column.tolist() for column in columns), strict=True))


def places(found: list[tuple[float, ...]], ranks: list[int]) -> list[tuple[int, float]]:
    """Rank and part."""
    return [(ranks[int(row[0])], row[1]) for row in found]


@pytest.mark.parametrize("ranks", [[5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 4, 5], [1, 0, 1, 0, 2, 2]])
@given(BATCHES)
def test_spooled_readings_come_back_as_if_sorted_at_once(
    ranks: list[int], parameters: list[list[int]]
) -> None:
    batches = batches_of(parameters)
    rank = np.array(ranks, dtype=np.uint16)
    expected = rows(sorted_readings(joined(batches), rank))
    for piece_rows in (4, 1000):
        with closing(ReadingSpool(piece_rows=piece_rows, block_rows=5)) as spool:
            for batch in batches:
                spool.add(batch)
            assert len(spool) == len(expected)
            blocks = list(spool.by_parameter(rank))
            again = list(spool.by_parameter(rank))
        found = [row for block in blocks for row in rows(block)]
        assert [row for block in again for row in rows(block)] == found
        assert sorted(found) == sorted(expected)
        assert places(found, ranks) == places(expected, ranks)


@given(BATCHES)
def test_readings_of_one_rank_never_stand_in_two_blocks(parameters: list[list[int]]) -> None:
    rank = np.array([0, 0, 1, 1, 2, 2], dtype=np.uint16)
    with closing(ReadingSpool(piece_rows=4, block_rows=1)) as spool:
        for batch in batches_of(parameters):
            spool.add(batch)
        seen = [set(rank[block.parameter_index].tolist()) for block in spool.by_parameter(rank)]
    assert sum(len(ranks) for ranks in seen) == len(set().union(*seen))


def test_an_empty_spool_has_no_blocks() -> None:
    with closing(ReadingSpool()) as spool:
        assert list(spool.by_parameter(np.zeros(0, dtype=np.uint16))) == []
