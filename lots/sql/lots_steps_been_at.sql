-- Purpose: the steps that a lot came to, itself or as part of the lots it was split from.
-- Inputs:  lot bigint; is_rework boolean: only since it, or they, went to rework last. Rows: route id, step code.
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
    SELECT event.seq, event.verb, event.step_to_id
    FROM above
    JOIN lots_event AS event ON event.lot_id = above.lot_id AND event.seq < above.until_seq
    WHERE event.step_to_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
    )
)
SELECT DISTINCT version.route_id, step.code
FROM came
JOIN lots_step AS step ON step.id = came.step_to_id
JOIN lots_routeversion AS version ON version.id = step.route_version_id
WHERE NOT %(is_rework)s OR came.seq >= (SELECT MAX(seq) FROM came WHERE verb = 'rework-out')
