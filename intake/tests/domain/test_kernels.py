"""Every value of the kernels' columns against what pystdf reads."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.stdf import batches, scanner
from intake.domain.stdf.decoder import decode
from intake.domain.stdf.kernels import state
from intake.domain.stdf.run import DecodedRun
from intake.tests.columns_by_pystdf import Columns, columns_of
from intake.tests.domain.test_decoder import REFERENCE, needs_shared, unpacked
from intake.tests.session_strategies import sessions
from testing.domain.records import MISSING, OUTCOMES

OF_PARTS = {"PIR", "PRR", "PTR", "MPR", "FTR", "WIR", "WRR", "test"}


def columns_of_run(run: DecodedRun) -> Columns:
    """Our columns as rows in the same form."""
    parts, readings = run.parts, run.readings
    codes = [None if at == MISSING else run.wafers[at].code for at in parts.wafer_index.tolist()]
    columns = (
        parts.x, parts.y, parts.part_id, parts.hard_bin, parts.soft_bin, parts.head, parts.site,
        parts.part_flag, parts.test_time_ms, [OUTCOMES[code] for code in parts.outcome.tolist()],
    )  # fmt: skip
    return Columns(
        wafers=[one.code for one in run.wafers],
        parts=list(zip(codes, *map(list, columns), strict=True)),
        readings=list(zip(
            readings.part_index.tolist(), readings.parameter_index.tolist(),
            readings.value.tolist(), readings.flag.tolist(),
            [OUTCOMES[code] for code in readings.outcome.tolist()], strict=True,
        )),
        tests=[
            (one.number, one.text, one.occurrence, one.kind, one.units, one.scale, one.limit_low,
             one.limit_high)
            for one in run.parameters
        ],
        rejected=Counter(
            {kind: count for kind, count in run.rejected_counts.items() if kind in OF_PARTS}
        ),
        not_executed=run.not_executed,
    )  # fmt: skip


def require_same(run: DecodedRun, content: bytes) -> None:
    """NaN is equal to NaN, and nothing else to anything else; zeros have their sign."""
    assert run.balance is not None
    run.balance.require(len(run.readings), run.not_executed)
    ours, theirs = columns_of_run(run), columns_of(content)
    mine, told = (np.array([row[2] for row in one.readings], "f8") for one in (ours, theirs))
    np.testing.assert_array_equal(mine, told)
    assert not np.any((np.signbit(mine) != np.signbit(told)) & ~np.isnan(mine))
    for one in (ours, theirs):
        one.readings = [(*row[:2], *row[3:]) for row in one.readings]
    for name in ("wafers", "parts", "tests", "readings", "rejected", "not_executed"):
        assert getattr(ours, name) == getattr(theirs, name), name


@needs_shared
@pytest.mark.parametrize("name", [*REFERENCE, "every_common_record.stdf"])
def test_every_value_of_a_real_file_is_what_pystdf_reads(name: str) -> None:
    content = unpacked(name)
    require_same(decode([content]), content)


@settings(max_examples=500, deadline=None)
@given(sessions())
def test_every_value_of_a_made_session_is_what_pystdf_reads(content: bytes) -> None:
    require_same(decode([content]), content)


@settings(max_examples=100, deadline=None)
@given(sessions(), st.sampled_from([5, 70, 1 << 20]))
def test_values_are_the_same_however_a_session_comes_in_pieces(content: bytes, size: int) -> None:
    full = state.READINGS + 2 * state.READING_WIDTH
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(state, "WINDOW_BYTES", 50)
        patched.setattr(scanner, "FULL_AT", full)
        patched.setattr(batches, "FULL_AT", full)
        run = decode(content[at : at + size] for at in range(0, len(content), size))
    require_same(run, content)
