-- Purpose: when a lot came to each step, itself or as part of the lots it was split from; what was corrected, and the
-- corrections, are left out.
-- Inputs:  lot bigint. Rows: step id, time by the clock of the place; in order of time.
WITH RECURSIVE above (lot_id, until_seq, depth) AS (
    SELECT %(lot)s::bigint, 9223372036854775807, 0
    UNION
    SELECT link.parent_id, LEAST(event.seq, above.until_seq), above.depth + 1
    FROM above
    JOIN lots_lotlineage AS link ON link.child_id = above.lot_id AND link.kind IN ('split', 'bin')
    JOIN lots_event AS event ON event.id = link.event_id
    WHERE above.depth < 100
)
SELECT event.step_to_id, event.occurred_at
FROM above
JOIN lots_event AS event ON event.lot_id = above.lot_id AND event.seq < above.until_seq
WHERE event.step_to_id IS NOT NULL
    AND event.verb <> 'correct'
    AND NOT EXISTS (
        SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
    )
ORDER BY event.occurred_at, event.seq
