-- Purpose: the steps that a lot came to, itself or as part of the lots it was split from.
-- Inputs:  lot bigint; is_rework boolean: only since it, or they, went to rework last. Rows: route id, step code.
-- A late move went to rework with the lot when it happened after that, whenever it was told.
WITH RECURSIVE above (lot_id, until_seq, depth) AS (
    SELECT %(lot)s::bigint, 9223372036854775807, 0
    UNION
    SELECT link.parent_id, event.seq, above.depth + 1
    FROM above
    JOIN lots_lotlineage AS link ON link.child_id = above.lot_id AND link.kind IN ('split', 'bin')
    JOIN lots_event AS event ON event.id = link.event_id
    WHERE above.depth < 100
),
came AS (
    SELECT event.seq, event.verb, event.step_to_id, event.occurred_at
    FROM above
    JOIN lots_event AS event ON event.lot_id = above.lot_id AND event.seq < above.until_seq
    WHERE event.step_to_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
    )
),
went AS (
    SELECT came.seq, came.occurred_at FROM came WHERE came.verb = 'rework-out' ORDER BY came.seq DESC LIMIT 1
)
SELECT DISTINCT version.route_id, step.code
FROM came
JOIN lots_step AS step ON step.id = came.step_to_id
JOIN lots_routeversion AS version ON version.id = step.route_version_id
LEFT JOIN went ON TRUE
WHERE NOT %(is_rework)s
    OR CASE came.verb WHEN 'late-move' THEN came.occurred_at >= went.occurred_at ELSE came.seq >= went.seq END
