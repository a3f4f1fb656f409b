-- Purpose: everything a tester touched in a window of time, by the runs that were going then.
-- Inputs:  tester (id), since, until (timestamptz). Rows: unit, wafer; one of them null. A wafer is named only while
-- it has no dies of its own; a part tested before it was known here is found by its serial.
-- Runs that a better copy replaced are asked too: what only they name was touched all the same. Runs taken
-- back are not: they told of other material than was there.
WITH tested AS (
    SELECT DISTINCT
        result.unit_id, result.wafer_id, result.x, result.y,
        CASE WHEN result.unit_id IS NULL AND result.wafer_id IS NULL THEN result.part_id ELSE '' END AS part_id,
        program.product_id
    FROM testing_run AS run
    JOIN testing_programrevision AS revision ON revision.id = run.revision_id
    JOIN testing_program AS program ON program.id = revision.program_id
    JOIN testing_unitresult AS result ON result.run_id = run.id
    WHERE NOT run.is_withdrawn
        AND run.tester_id = %(tester)s
        AND run.started_at < %(until)s
        AND COALESCE(run.finished_at, run.started_at) >= %(since)s
)
SELECT tested.unit_id AS unit_id, NULL::bigint AS wafer_id
FROM tested
WHERE tested.unit_id IS NOT NULL
UNION
SELECT die.id, NULL
FROM tested
JOIN lots_unit AS die ON die.wafer_id = tested.wafer_id AND die.x = tested.x AND die.y = tested.y
WHERE tested.unit_id IS NULL
UNION
SELECT unit.id, NULL
FROM tested
JOIN lots_unit AS unit ON unit.serial = tested.part_id AND unit.product_id = tested.product_id
WHERE tested.part_id <> ''
UNION
SELECT NULL, tested.wafer_id
FROM tested
WHERE tested.wafer_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM lots_unit AS die WHERE die.wafer_id = tested.wafer_id)
ORDER BY unit_id, wafer_id
