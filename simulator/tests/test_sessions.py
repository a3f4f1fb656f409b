from __future__ import annotations

import struct
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from simulator.chance import stream
from simulator.floor import PACKAGE_TESTERS, SORT_TESTERS
from simulator.outcomes import retests_inline, sort_wafers, try_packages
from simulator.programs import CP1, FT_HOT
from simulator.sessions import Session, Setup, Tester, write_session
from simulator.tests.test_stdf import framed
from simulator.touches import Touches, joined
from simulator.wafers import DIES

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
PIR, PRR, PTR, FTR, MPR, WIR, WRR = (5, 10), (5, 20), (15, 10), (15, 20), (15, 15), (2, 10), (2, 20)


def sort_session(tester: Tester) -> tuple[Session, Touches]:
    wafers = ("L1-01", "L1-02")
    rng = stream(1, "sort")
    result = retests_inline(sort_wafers(CP1, wafers, np.ones((2, len(DIES)), bool), rng))
    setup = Setup("L1", "", CP1, tester, "PC1", AT)
    return write_session(setup, result.first, rng), result.first


def final_session(tester: Tester) -> tuple[Session, Touches]:
    rng = stream(2, "final")
    result = try_packages(FT_HOT, tuple(f"C{n}" for n in range(60)), rng)
    touches = joined([result.first, result.reruns])
    return write_session(Setup("C1", "", FT_HOT, tester, "LB1", AT), touches, rng), touches


@pytest.mark.parametrize("tester", SORT_TESTERS, ids=lambda tester: tester.code)
def test_sort_session_has_every_touch_and_every_wafer(tester: Tester) -> None:
    session, touches = sort_session(tester)
    kinds = Counter(kind for kind, _ in framed(session.data, tester.order))
    assert kinds[PIR] == kinds[PRR] == len(touches.part_ids) == session.part_count
    assert kinds[WIR] == kinds[WRR] == 2
    assert kinds[PTR] + kinds[FTR] == session.reading_count


@pytest.mark.parametrize("tester", PACKAGE_TESTERS, ids=lambda tester: tester.code)
def test_final_test_starts_all_sites_before_the_first_ends(tester: Tester) -> None:
    session, _ = final_session(tester)
    kinds = [kind for kind, _ in framed(session.data, tester.order)]
    first = kinds.index(PIR)
    assert kinds[first : first + 4] == [PIR] * 4
    assert kinds[first + 4] == PTR
    assert Counter(kinds)[MPR] > 0


def test_testing_stops_at_the_first_failure() -> None:
    session, touches = final_session(PACKAGE_TESTERS[0])
    executed = np.where(touches.failing < 0, len(FT_HOT.tests), touches.failing + 1)
    assert session.reading_count == executed.sum()


def prr_fields(session: Session) -> list[tuple[int, ...]]:
    bodies = [body for kind, body in framed(session.data, "<") if kind == PRR]
    return [struct.unpack_from("<BBBHHHhhI", body) for body in bodies]


def test_retests_carry_the_flag_where_the_tester_sets_it() -> None:
    session, touches = final_session(PACKAGE_TESTERS[0])
    flags = np.array([fields[2] for fields in prr_fields(session)])
    assert sorted(flags & 1) == sorted(touches.is_retest.astype(int))
    assert not (flags & 2).any()


def test_some_testers_flag_no_retest() -> None:
    session, touches = final_session(PACKAGE_TESTERS[2])
    assert touches.is_retest.any()
    assert not any(fields[2] & 3 for fields in prr_fields(session))


def test_sort_retests_supersede_by_position() -> None:
    session, touches = sort_session(SORT_TESTERS[0])
    flags = [fields[2] & 3 for fields in prr_fields(session)]
    assert set(flags) == {0, 2}
    assert flags.count(2) == touches.is_retest.sum()


def test_failing_values_lie_outside_their_limits_and_passing_ones_inside() -> None:
    session, _ = sort_session(SORT_TESTERS[0])
    limits = {test.number: test.limits for test in CP1.tests if test.kind == "P"}
    for kind, body in framed(session.data, "<"):
        if kind == PTR:
            number, _, _, flag, _, value = struct.unpack_from("<IBBBBf", body)
            low, high = limits[number].low, limits[number].high
            inside = (low is None or value >= low) and (high is None or value <= high)
            assert inside == (flag == 0)


def test_bin_summaries_add_up_to_the_parts() -> None:
    session, touches = sort_session(SORT_TESTERS[0])
    hard = [body for kind, body in framed(session.data, "<") if kind == (1, 40)]
    assert sum(struct.unpack_from("<BBHI", body)[3] for body in hard) == len(touches.part_ids)


def test_part_ends_are_offsets_where_a_cut_leaves_whole_parts() -> None:
    session, _ = final_session(PACKAGE_TESTERS[0])
    kept = session.data[: session.part_ends[7]]
    kinds = Counter(kind for kind, _ in framed(kept, "<"))
    assert kinds[PRR] == 8
