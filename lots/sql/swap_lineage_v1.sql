-- Purpose: say from which lots swapped-out parts came, of swaps recorded before that was kept.
-- Inputs:  none; runs once. Rows expected: one or two per swap. The lot a part was made or received in is always
-- named; with it the lot that its last place was filled from, where the ledger proves that it was in it.
WITH RECURSIVE swapped AS (
    SELECT
        event.id AS event_id, event.seq, event.lot_id AS returned_id, edge.child_id AS unit_id,
        edge.opened_by_id, unit.created_by_id
    FROM lots_event AS event
    JOIN lots_genealogy AS edge ON edge.closed_by_id = event.id
    JOIN lots_unit AS unit ON unit.id = edge.child_id
    WHERE event.verb = 'swap'
),
born (event_id, lot_id, seq) AS (
    SELECT swapped.event_id, event.lot_id, event.seq
    FROM swapped
    JOIN lots_event AS event ON event.id = swapped.created_by_id
    UNION ALL
    SELECT later.event_id, earlier.returned_id, earlier.seq
    FROM swapped AS later
    JOIN swapped AS earlier ON earlier.unit_id = later.unit_id AND earlier.seq < later.seq
),
came (event_id, lot_id, seq) AS (
    SELECT born.event_id, born.lot_id, born.seq
    FROM born
    UNION
    SELECT came.event_id, link.child_id, event.seq
    FROM came
    JOIN swapped ON swapped.event_id = came.event_id
    JOIN lots_lotlineage AS link ON link.parent_id = came.lot_id AND link.kind IN ('split', 'merge', 'bin')
    JOIN lots_event AS event ON event.id = link.event_id AND event.seq > came.seq AND event.seq < swapped.seq
)
INSERT INTO lots_lotlineage (parent_id, child_id, kind, event_id)
SELECT DISTINCT came.lot_id, swapped.returned_id, 'swap', swapped.event_id
FROM swapped
JOIN came ON came.event_id = swapped.event_id
WHERE came.lot_id <> swapped.returned_id AND (
    EXISTS (SELECT FROM born WHERE born.event_id = came.event_id AND born.lot_id = came.lot_id)
    OR EXISTS (
        SELECT FROM lots_eventline AS line
        WHERE line.event_id = swapped.opened_by_id AND line.lot_id = came.lot_id AND line.kind = 'consumed'
    )
)
ON CONFLICT DO NOTHING
