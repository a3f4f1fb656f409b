-- Dies built into something that failed sort, or that no sort of their wafer has a result for.
-- Inputs: lot_ids bigint[], rows_max. Rows: lot id and code of the die, wafer id, its code, serial of the die, serial of
-- what it is in, code of the step it failed at (null: no result anywhere on its map); by lot, wafer and die.
-- Per step the newest deciding insertion of a position counts, of runs that count, whatever lot it was taken under.
-- All of the wafer lots that the lots are, or have dies of: what is told of a wafer lot is the same whoever asks.
WITH touched AS (
    SELECT lot_id FROM lots_wafer WHERE lot_id = ANY(%(lot_ids)s)
    UNION
    SELECT wafer.lot_id FROM lots_unit AS die JOIN lots_wafer AS wafer ON wafer.id = die.wafer_id
    WHERE die.lot_id = ANY(%(lot_ids)s)
),
built AS (
    SELECT die.id, die.serial, die.lot_id, die.wafer_id, die.x, die.y, parent.serial AS host
    FROM lots_unit AS die
    JOIN lots_wafer AS wafer ON wafer.id = die.wafer_id
    JOIN lots_genealogy AS edge ON edge.child_id = die.id AND edge.valid_to IS NULL
    JOIN lots_unit AS parent ON parent.id = edge.parent_id
    WHERE wafer.lot_id IN (SELECT touched.lot_id FROM touched)
),
sorted AS (
    SELECT DISTINCT ON (result.wafer_id, result.x, result.y, step.code)
        result.wafer_id, result.x, result.y, step.code, step.sequence, result.outcome
    FROM testing_unitresult AS result
    JOIN testing_run AS run ON run.id = result.run_id AND run.superseded_by_id IS NULL AND NOT run.is_withdrawn
    JOIN testing_lotstep AS lot_step ON lot_step.id = result.lot_step_id
    JOIN lots_step AS step ON step.id = lot_step.step_id AND step.kind = 'sort'
    WHERE result.wafer_id IN (SELECT built.wafer_id FROM built) AND result.is_final
    ORDER BY result.wafer_id, result.x, result.y, step.code, run.started_at DESC, result.id DESC
),
worst AS (
    SELECT
        sorted.wafer_id, sorted.x, sorted.y,
        (ARRAY_AGG(sorted.code ORDER BY sorted.sequence) FILTER (WHERE sorted.outcome <> 'pass'))[1] AS failed_at
    FROM sorted
    GROUP BY sorted.wafer_id, sorted.x, sorted.y
)
SELECT lot.id, lot.code, wafer.id, wafer.code, built.serial, built.host, worst.failed_at
FROM built
JOIN lots_wafer AS wafer ON wafer.id = built.wafer_id
JOIN lots_lot AS lot ON lot.id = wafer.lot_id
LEFT JOIN worst ON worst.wafer_id = built.wafer_id AND worst.x = built.x AND worst.y = built.y
WHERE worst.failed_at IS NOT NULL
    OR (worst.wafer_id IS NULL AND EXISTS (SELECT FROM worst AS known WHERE known.wafer_id = built.wafer_id))
ORDER BY lot.id, wafer.id, built.serial
LIMIT %(rows_max)s
