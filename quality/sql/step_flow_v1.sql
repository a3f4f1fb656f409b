-- Purpose: what the ledger tells of lots at their steps: every quantity, and the moves told late, which have none.
-- Inputs:  lots bigint[]. Rows: one per line and late move, in the ledger's order, some tens a lot. A line's counted is
-- the part of it whose reason lowers the yield. A corrected event is not told, and no correction.
WITH told AS (
    SELECT line.lot_id, line.event_id, line.id, line.unit_of_measure, line.kind, line.quantity
    FROM lots_eventline AS line
    WHERE line.lot_id = ANY(%(lots)s::bigint[])
    UNION ALL
    SELECT event.lot_id, event.id, NULL, NULL, NULL, NULL
    FROM lots_event AS event
    WHERE event.lot_id = ANY(%(lots)s::bigint[]) AND event.verb = 'late-move'
)
SELECT
    told.lot_id, event.seq, event.occurred_at, event.verb, event.lot_id = told.lot_id AS is_own,
    first.id, first.route_version_id, first.sequence, first_version.is_free,
    last.id, last.route_version_id, last.sequence, last_version.is_free,
    told.unit_of_measure, told.kind, told.quantity,
    told.quantity - CASE
        WHEN event.verb = 'track-out' AND told.kind <> 'bonus' THEN (
            SELECT COALESCE(SUM((loss ->> 'quantity')::int), 0)
            FROM JSONB_ARRAY_ELEMENTS(event.payload -> 'losses') AS loss
            WHERE loss ->> 'kind' = told.kind AND loss ->> 'counts_in_yield' = 'false'
        )
        WHEN event.payload ->> CASE event.verb WHEN 'track-out' THEN 'bonus_counts_in_yield' ELSE 'counts_in_yield' END
            = 'false' THEN told.quantity
        ELSE 0
    END AS counted
FROM told
JOIN lots_event AS event ON event.id = told.event_id
LEFT JOIN lots_step AS first ON first.id = event.step_from_id
LEFT JOIN lots_routeversion AS first_version ON first_version.id = first.route_version_id
LEFT JOIN lots_step AS last ON last.id = event.step_to_id
LEFT JOIN lots_routeversion AS last_version ON last_version.id = last.route_version_id
WHERE event.verb <> 'correct' AND NOT EXISTS (
    SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
)
ORDER BY told.lot_id, event.seq, told.id
