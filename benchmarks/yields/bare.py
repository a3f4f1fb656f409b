"""The same counts by one query with GROUPING SETS, in PostgreSQL and in DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from django.db import connection

from quality.sql import statement

LOT = ("lot_step_id",)
WEEK = ("product_id", "step_code", "week")
SLICES: tuple[tuple[str, ...], ...] = (
    (), ("zone",), ("tester_id",), ("tester_id", "head", "site"), ("probe_card_id",),
    ("load_board_id",), ("revision_id",),
)  # fmt: skip
SETS = [
    *((*LOT, *parts) for parts in (*SLICES, ("wafer_id",))),
    *((*WEEK, *parts) for parts in SLICES),
]
COLUMNS = (
    *LOT, *WEEK, "wafer_id", "zone", "tester_id", "head", "site", "probe_card_id", "load_board_id",
    "revision_id",
)  # fmt: skip
COUNTS = """
    COUNT(*),
    COUNT(*) FILTER (WHERE first_passed),
    COUNT(*) FILTER (WHERE final_passed),
    COUNT(*) FILTER (WHERE retested),
    COUNT(*) FILTER (WHERE recovered),
    COUNT(*) FILTER (WHERE first_prime),
    COUNT(*) FILTER (WHERE final_prime),
    COUNT(*) FILTER (WHERE recovered AND final_prime)
"""
UNITS = """
    SELECT
        judged.*, run.revision_id, run.tester_id, run.probe_card_id, run.load_board_id,
        place.product_id, place.step_code,
        DATE_TRUNC('week', lot_step.first_started_at AT TIME ZONE 'UTC')::date AS week
    FROM judged
    JOIN testing_run AS run ON run.id = judged.run_id
    JOIN testing_lotstep AS lot_step ON lot_step.id = judged.lot_step_id
    JOIN place ON place.lot_step_id = judged.lot_step_id
"""
WORK_MEMORY = "256MB"
"""For the bare query alone: it sorts less than it would with what the service runs on."""


def grouping_sets(source: str) -> str:
    """The one query over units."""
    sets = ", ".join(f"({', '.join(columns)})" for columns in SETS)
    return f"SELECT {', '.join(COLUMNS)}, {COUNTS} FROM {source} GROUP BY GROUPING SETS ({sets})"  # noqa: S608


def postgres() -> int:
    """Rows that the query gives; its units are told apart as the service does."""
    units = (
        statement("yield_parts_v1").split("cell AS MATERIALIZED (")[0].rstrip().removesuffix(",")
    )
    query = f"{units}, known AS ({UNITS}) {grouping_sets('known')}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, FALSE)", [WORK_MEMORY])
        cursor.execute(query, {"lot_step_ids": None})
        rows = len(cursor.fetchall())
        cursor.execute("RESET work_mem")
    return rows


RESULTS = (
    "lot_step_id, unit_key, run_id, wafer_id, head, site, x, y, hard_bin, attempt, is_first, "
    "is_final, outcome = 'pass' AS passed"
)


def duck() -> Any:
    """A DuckDB with the results and what they hang on in memory."""
    engine = duckdb.connect(":memory:")
    tables = {
        "result": f"SELECT {RESULTS} FROM testing_unitresult",  # noqa: S608
        "run": "SELECT id, revision_id, tester_id, probe_card_id, load_board_id FROM testing_run",
        "place": (
            "SELECT s.id AS lot_step_id, l.product_id, t.code AS step_code, "
            "DATE_TRUNC('week', s.first_started_at AT TIME ZONE 'UTC')::date AS week "
            "FROM testing_lotstep s JOIN lots_lot l ON l.id = s.lot_id "
            "JOIN lots_step t ON t.id = s.step_id"
        ),
    }
    for name, query in tables.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            columns = zip(*cursor.fetchall(), strict=True)
        filled = pa.table({key: list(one) for key, one in zip(names, columns, strict=True)})
        engine.register("filled", filled)
        engine.sql(f"CREATE TABLE {name} AS SELECT * FROM filled")  # noqa: S608
        engine.unregister("filled")
    return engine


DUCK_UNITS = """
    WITH unit AS (
        SELECT
            lot_step_id,
            MAX(run_id) FILTER (WHERE is_first) AS run_id,
            MAX(wafer_id) FILTER (WHERE is_first) AS wafer_id,
            MAX(head) FILTER (WHERE is_first) AS head,
            MAX(site) FILTER (WHERE is_first) AS site,
            MAX(x) FILTER (WHERE is_first) AS x,
            MAX(y) FILTER (WHERE is_first) AS y,
            BOOL_OR(is_first AND passed) AS first_passed,
            BOOL_OR(is_final AND passed) AS final_passed,
            BOOL_OR(attempt = 2) AS retested
        FROM result WHERE attempt IS NOT NULL GROUP BY lot_step_id, unit_key
    ),
    frame AS (
        SELECT
            lot_step_id,
            (MIN(x) + MAX(x)) / 2.0 AS middle_x,
            (MIN(y) + MAX(y)) / 2.0 AS middle_y,
            GREATEST(MAX(x) - MIN(x), MAX(y) - MIN(y)) / 2.0 AS reach
        FROM result WHERE is_first GROUP BY lot_step_id
    ),
    known AS (
        SELECT
            unit.*, run.* EXCLUDE (id), place.* EXCLUDE (lot_step_id),
            CASE
                WHEN SQRT((x - middle_x) ** 2 + (y - middle_y) ** 2) / reach <= 0.5 THEN 'centre'
                WHEN SQRT((x - middle_x) ** 2 + (y - middle_y) ** 2) / reach <= 0.75 THEN 'middle'
                WHEN SQRT((x - middle_x) ** 2 + (y - middle_y) ** 2) / reach <= 0.9 THEN 'outer'
                ELSE 'edge'
            END AS zone,
            retested AND final_passed AND NOT first_passed AS recovered,
            first_passed AS first_prime,
            final_passed AS final_prime
        FROM unit JOIN run ON run.id = unit.run_id JOIN place USING (lot_step_id)
        JOIN frame USING (lot_step_id)
    )
"""


def duckdb_rows(engine: Any) -> int:
    """Rows of the same query there; without down-bins, of which the fleet has none."""
    return len(engine.sql(DUCK_UNITS + grouping_sets("known")).fetchall())
