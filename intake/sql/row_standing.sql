-- Purpose: a row that waits, locked, with all that decides whether it may be tried now: what stood recorded before the
-- try, the first row under its key, and the earlier moves of its lots that wait, the first and the last of them.
-- Inputs: row; moves, the verbs that move a lot; moved, those that move or divide one. Rows: one, or none when it went on.
SELECT
    feedrow.id,
    feedrow.file_id,
    feedrow.number,
    feedrow.line_count,
    feedrow.op_key,
    feedrow.content,
    feedrow.content_sha256,
    feedrow.occurred_at,
    feedrow.recorded_at,
    feedrow.state,
    feedrow.progress,
    COALESCE((SELECT seq FROM lots_ledgerhead WHERE name = 'lots'), 0) AS seq,
    earlier.ids[1] AS earlier_id,
    moving.ids[1] AS first_id,
    moving.ids[CARDINALITY(moving.ids)] AS nearest_id
FROM intake_feedrow AS feedrow
CROSS JOIN LATERAL (
    SELECT ARRAY_AGG(other.id ORDER BY other.id) AS ids
    FROM intake_feedrow AS other
    WHERE other.op_key = feedrow.op_key
        AND other.id <> feedrow.id
        AND (other.state = 'applied' OR other.state = 'waiting' AND other.id < feedrow.id)
) AS earlier
CROSS JOIN LATERAL (
    SELECT ARRAY_AGG(other.id ORDER BY other.occurred_at, other.id) AS ids
    FROM intake_feedrow AS other
    WHERE other.state = 'waiting'
        AND other.content ->> 'lot' = ANY(ARRAY[feedrow.content ->> 'lot', feedrow.content ->> 'to_lot'])
        AND other.occurred_at < feedrow.occurred_at
        AND other.content ->> 'verb' = ANY(%(moves)s)
        AND feedrow.content ->> 'verb' = ANY(%(moved)s)
) AS moving
WHERE feedrow.id = %(row)s AND feedrow.state = 'waiting'
FOR UPDATE OF feedrow
