"""The table that the kernels share: counters, and rows of what lasts for the file or for a batch.

One array of int64 holds it all, because passing many arrays from kernel to kernel costs more than
reading a record. Rows are known by their place in the table; place 0 says none.
"""

from __future__ import annotations

from mmap import MAP_ANONYMOUS, MAP_PRIVATE, mmap
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = Any
"""A one-dimensional array; a memory view of one where nothing is compiled."""

WINDOW_BYTES = 1 << 18
RECORD_BYTES_MAX = (1 << 16) + 4
WINDOW_RECORDS = (WINDOW_BYTES + RECORD_BYTES_MAX) // 4
"""No call reads more records than this, nor more values: each takes four bytes at least."""
BATCH_READINGS, BATCH_PARTS, BATCH_OTHERS = 1 << 15, 1 << 14, 1 << 14
BATCH_TEXT_BYTES = 1 << 20
OPEN_MAX = 1 << 17
"""Parts open at once: one under each head and site, and one before it that awaits a late PIR."""

# How each kind of record is treated, in the low bits of its action.
UNKNOWN, PASSED, KEPT, STOPPING, PIR, PRR, PTR, MPR, FTR = range(9)
# Why a scan returns.
READ, MORE, STOP, WAFER, ENTRY = range(5)
# Why records were left out; indexes of REASONS.
SHORT, TEXT_TOO_LONG, VALUES_TOO_LONG, NO_PART, STARTED_AGAIN, NO_RESULT = range(6)
REASONS = (
    "shorter than its required fields",
    "a text runs past the end of its record",
    "its results run past the end of the record",
    "test results outside any part",
    "the part was started again without a result",
    "the part has no result record",
)
TEST = -1
"""Stands for the kind of a left out record that is a test of a part."""

# Cells at the front of the table. SERIAL to REJECT: the first row that is free. GIVEN: test records
# that went to parts. SEVERAL: values that MPRs hold. MISSING_START_AT to CLAIMS_BOTH_AT: position
# of the first record of that kind of dirt, 0 = none.
(
    AT, BASE, IS_BIG, BELIEVED, RECORDS, SERIAL, READING, PART, PARTS_BEFORE, OTHER, OTHER_TEXT,
    NAME_TEXT, REJECT, MISSING_STARTS, REPEATED_STARTS, LIMIT_CHANGES, PARAMETER, KEY, VARIANT,
    WANTED, TAIL_START, TAIL_END, ENTRY_ROW, TAIL_TEXT, NOT_RUN, GIVEN, SEVERAL, MISSING_START_AT,
    REPEATED_START_AT, CLAIMS_BOTH_AT,
) = range(30)  # fmt: skip

# Rows: the columns of each, then where its table begins.
K_OPEN, K_STARTED, K_WAFER, K_TRAIL, KEY_ROW = range(5)
"""By HEAD_NUM * 256 + SITE_NUM. K_WAFER: index + 2, 0 = ask. K_TRAIL: the last entry seen."""
(
    E_TEST, E_LENGTH, E_START, E_DEFINITION, E_LOW, E_HIGH, E_NEXT, E_CHAIN, ENTRY_WIDTH,
) = range(9)  # fmt: skip
"""By distinct test, VARIANT * NUMBERS + TEST_NUM, and end of its record.

E_NEXT: the one that followed it last time.
"""
D_LOW, D_HIGH, D_ENTRY, D_FIRST, D_LAST, D_PART, DEFINITION_WIDTH = range(7)
"""By number and text. D_ENTRY: its entry seen last.

D_LAST: its parameter seen last, in the part D_PART, counted from 1.
"""
P_DEFINITION, P_OCCURRENCE, P_NEXT, P_READINGS, PARAMETER_WIDTH = range(5)
"""By occurrence of a definition within a part."""
S_PART, S_WAFER, S_POSITION, S_RECORDS, S_BEFORE, S_KEY, SERIAL_WIDTH = range(7)
"""By part from its first record on. S_PART: its index in the file, OPEN or DROPPED.
S_KEY: row of its head and site, 0 for results that await a late PIR."""
R_SERIAL, R_DEFINITION, R_BITS, R_FLAG, READING_WIDTH = range(5)
"""R_FLAG: TEST_FLG, and VERDICT for a result that has no number to it."""
(
    I_WAFER, I_HEAD, I_SITE, I_FLAG, I_HARD_BIN, I_SOFT_BIN, I_X, I_Y, I_TIME, I_NAME_END,
    PART_WIDTH,
) = range(11)  # fmt: skip
O_KIND, O_POSITION, O_END, OTHER_WIDTH = range(4)
J_POSITION, J_KIND, J_REASON, J_COUNT, REJECT_WIDTH = range(5)

KEY_COUNT = KIND_COUNT = 1 << 16
ENTRY_COUNT = BUCKET_COUNT = 1 << 15
DEFINITION_COUNT = PARAMETER_COUNT = 50_002
SERIAL_COUNT = OPEN_MAX + 2 * WINDOW_RECORDS
WAITING_READINGS_MAX = 2_000_000
READING_COUNT = BATCH_READINGS + WAITING_READINGS_MAX + 2 * WINDOW_RECORDS

HOW = 0xF
"""The bits that say how; the others, where the kind's row of believed lengths begins."""
LENGTH_COUNT = 1 << 16
BELIEVED_KINDS = 40

ACTIONS = 32
COUNTS = ACTIONS + KIND_COUNT
KEYS = COUNTS + KIND_COUNT
BUCKETS = KEYS + KEY_COUNT * KEY_ROW
ENTRIES = BUCKETS + BUCKET_COUNT
"""The first stands for the beginning of a part."""
DEFINITIONS = ENTRIES + ENTRY_COUNT * ENTRY_WIDTH
PARAMETERS = DEFINITIONS + DEFINITION_COUNT * DEFINITION_WIDTH
SERIALS = PARAMETERS + PARAMETER_COUNT * PARAMETER_WIDTH
PARTS = SERIALS + SERIAL_COUNT * SERIAL_WIDTH
OTHERS = PARTS + (BATCH_PARTS + WINDOW_RECORDS) * PART_WIDTH
REJECTS = OTHERS + (BATCH_OTHERS + WINDOW_RECORDS) * OTHER_WIDTH
READINGS = REJECTS + 3 * WINDOW_RECORDS * REJECT_WIDTH
LENGTHS = READINGS + READING_COUNT * READING_WIDTH
"""By kind and REC_LEN: whether records of the kind may be so long. The first row is of no kind."""
TABLE_CELLS = LENGTHS + BELIEVED_KINDS * LENGTH_COUNT

# The texts, one after the other within each of three stretches.
TAILS, TAILS_BYTES = 0, 8 << 20
TEXT_BYTES = BATCH_TEXT_BYTES + WINDOW_BYTES + RECORD_BYTES_MAX
NAMES = TAILS_BYTES
OTHER_TEXTS = NAMES + TEXT_BYTES
TEXTS_BYTES = OTHER_TEXTS + TEXT_BYTES

# Where a serial's results go.
OPEN, DROPPED = -1, -2
MISSING = -1
MISSING_COORDINATE = -32768
MISSING_U2, MISSING_U4 = 0xFFFF, 0xFFFFFFFF
NAN_BITS = 0x7FC00000
RESULT_INVALID, NOT_EXECUTED, VERDICT = 0x02, 0x10, 0x100
NUMBERS = 1 << 32
VARIANT_PARAMETRIC, VARIANT_FUNCTIONAL, VARIANT_MULTIPLE = 0, 1, 2


def new_table() -> NDArray[np.int64]:
    """Nothing read yet. The system gives memory only for what is touched."""
    table = np.frombuffer(_untouched(TABLE_CELLS * 8), np.int64)
    for cell, place in (
        (SERIAL, SERIALS), (READING, READINGS), (PART, PARTS), (OTHER, OTHERS), (REJECT, REJECTS),
        (PARAMETER, PARAMETERS), (ENTRY_ROW, ENTRIES + ENTRY_WIDTH), (NAME_TEXT, NAMES),
        (OTHER_TEXT, OTHER_TEXTS),
    ):  # fmt: skip
        table[cell] = place
    return table


def new_texts() -> NDArray[np.uint8]:
    """Room for texts."""
    return np.frombuffer(_untouched(TEXTS_BYTES), np.uint8)


def _untouched(size: int) -> mmap:
    """Zeros of which the system gives four kilobytes at a time, not two megabytes."""
    return mmap(-1, size, MAP_PRIVATE | MAP_ANONYMOUS)


def rows(table: NDArray[np.int64], first: int, width: int, end: int) -> NDArray[np.int64]:
    """A table of rows from its first place up to an end: (row, column)."""
    return table[first:end].reshape(-1, width)
