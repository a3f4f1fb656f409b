"""Takes what the kernels read out of their table, so that the next batch can begin."""

from __future__ import annotations

import numpy as np

from intake.domain.errors import BoundError
from intake.domain.stdf.catalogue import too_many_tests
from intake.domain.stdf.columns import OUTCOME_BY_PART_FLAG, OUTCOME_BY_TEST_FLAG
from intake.domain.stdf.datalog import Others
from intake.domain.stdf.fields import decoded
from intake.domain.stdf.kernels import state as k
from intake.domain.stdf.scanner import FULL_AT, Reject, Scanner, engine
from intake.domain.stdf.words import record_name
from testing.domain.records import OUTCOME_CODES, Parts, Readings
from testing.domain.words import Outcome

OCCURRENCES_MAX = 32_767
WAITING_READINGS_MAX = k.WAITING_READINGS_MAX


def taken_rejects(scanner: Scanner) -> list[Reject]:
    """Records left out since the last time, in file order."""
    table = scanner.table
    found = k.rows(table, k.REJECTS, k.REJECT_WIDTH, int(table[k.REJECT])).tolist()
    taken = scanner.rejects + [
        (position, "test" if kind == k.TEST else record_name(kind), k.REASONS[reason], count)
        for position, kind, reason, count in found
    ]
    scanner.rejects = []
    table[k.REJECT] = k.REJECTS
    return sorted(taken, key=lambda one: one[0])


def taken_others(scanner: Scanner) -> Others:
    """Records that are not of a part, in file order."""
    table = scanner.table
    found = k.rows(table, k.OTHERS, k.OTHER_WIDTH, int(table[k.OTHER])).copy()
    raw = scanner.texts[k.OTHER_TEXTS : table[k.OTHER_TEXT]].tobytes()
    table[k.OTHER], table[k.OTHER_TEXT] = k.OTHERS, k.OTHER_TEXTS
    starts = (
        np.concatenate([np.zeros(1, np.int64), found[:-1, k.O_END]])
        if len(found)
        else found[:, k.O_END]
    )
    return Others(found[:, k.O_KIND], found[:, k.O_POSITION], starts, found[:, k.O_END], raw)


def taken_columns(scanner: Scanner) -> tuple[Parts, Readings]:
    """Finished parts and their readings since the last time. wafer_index: as wafers opened."""
    readings, given = _readings(scanner)
    parts = _parts(scanner)
    table = scanner.table
    held = int(table[k.READING]) - k.READINGS
    serials = (int(table[k.SERIAL]) - k.SERIALS) // k.SERIAL_WIDTH
    engine().carry_over(scanner.columns[0], engine().column(np.zeros(serials, np.int64)))
    table[k.PARTS_BEFORE] += len(parts)
    table[k.PART], table[k.NAME_TEXT] = k.PARTS, k.NAMES
    waiting = int(table[k.READING]) - k.READINGS
    scanner.values_left_out += (held - waiting) // k.READING_WIDTH - given
    scanner.full_at = FULL_AT + waiting
    if waiting > WAITING_READINGS_MAX * k.READING_WIDTH:
        raise BoundError(
            f"More than {WAITING_READINGS_MAX:,} readings wait for the end of their part. The file "
            "looks damaged.",
            readings_max=WAITING_READINGS_MAX,
        )
    return parts, readings


def _readings(scanner: Scanner) -> tuple[Readings, int]:
    """Those of finished parts; and how many values these have, those not executed among them."""
    column = engine().column
    table = scanner.columns[0]
    ends = np.zeros((int(scanner.table[k.PART]) - k.PARTS) // k.PART_WIDTH + 1, np.int64)
    order = np.empty((int(scanner.table[k.READING]) - k.READINGS) // k.READING_WIDTH, np.int64)
    engine().sort_by_part(table, column(ends), column(order))
    count = int(ends[-2]) if len(ends) > 1 else 0
    codes = (OUTCOME_CODES[Outcome.PASS], OUTCOME_CODES[Outcome.UNSET])
    bounds = [*codes, scanner.catalogue.parameters_max, OCCURRENCES_MAX, *OUTCOME_BY_TEST_FLAG]
    columns = [np.empty(count, kind) for kind in ("i4", "i4", "f8", "u1", "u1")]
    out = engine().Settled(
        column(order[:count]), column(np.array(bounds, np.int64)), *map(column, columns)
    )
    kept = engine().settle(table, column(scanner.table.view(np.float32)), out)
    if kept < 0:
        raise too_many_tests(scanner.catalogue.parameters_max)
    return Readings(*(array[:kept] for array in columns)), count


def _parts(scanner: Scanner) -> Parts:
    found = k.rows(scanner.table, k.PARTS, k.PART_WIDTH, int(scanner.table[k.PART]))
    flag = found[:, k.I_FLAG].astype(np.uint8)
    return Parts(
        wafer_index=found[:, k.I_WAFER].astype(np.int32),
        x=found[:, k.I_X].astype(np.int32),
        y=found[:, k.I_Y].astype(np.int32),
        part_id=_part_ids(scanner, found[:, k.I_NAME_END].tolist()),
        hard_bin=found[:, k.I_HARD_BIN].astype(np.int32),
        soft_bin=found[:, k.I_SOFT_BIN].astype(np.int32),
        head=found[:, k.I_HEAD].astype(np.uint8),
        site=found[:, k.I_SITE].astype(np.uint8),
        part_flag=flag,
        test_time_ms=found[:, k.I_TIME].copy(),
        outcome=OUTCOME_BY_PART_FLAG[flag],
    )


def _part_ids(scanner: Scanner, ends: list[int]) -> list[str]:
    raw = scanner.texts[k.NAMES : scanner.table[k.NAME_TEXT]].tobytes()
    places = zip([0, *ends], ends, strict=False)
    if not raw.isascii():
        return [decoded(raw[start:end]) for start, end in places]
    text = raw.decode("ascii")
    return [text[start:end] for start, end in places]


def reject_open_parts(scanner: Scanner) -> None:
    """At the end of the file: leave out results of parts that never got a PRR."""
    table = scanner.table
    for serial in k.rows(table, k.SERIALS, k.SERIAL_WIDTH, int(table[k.SERIAL])):
        if serial[k.S_PART] == k.OPEN:
            serial[k.S_PART] = k.DROPPED
            if serial[k.S_RECORDS]:
                position, count = int(serial[k.S_POSITION]), int(serial[k.S_RECORDS])
                scanner.rejects.append((position, "test", k.REASONS[k.NO_RESULT], count))
