-- Purpose: the first link between lots that the ledger does not tell, or that it tells and is not there.
-- Inputs:  the tables of verify_units_prepare. Rows expected: none, or one: seq of the event, what is wrong.
WITH told (event_id, seq, parent_id, child_id, kind) AS (
    SELECT event.id, event.seq, event.lot_id, child.id, event.verb
    FROM lots_event AS event
    JOIN lots_lot AS child ON child.code = event.payload ->> 'child'
    WHERE event.verb IN ('split', 'bin')
    UNION ALL
    SELECT event.id, event.seq, source.id, event.lot_id, event.verb
    FROM lots_event AS event
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'lots') AS named (code)
    JOIN lots_lot AS source ON source.code = named.code
    WHERE event.verb = 'merge'
    UNION ALL
    SELECT event.id, event.seq, line.lot_id, event.lot_id, event.verb
    FROM lots_event AS event
    JOIN lots_eventline AS line ON line.event_id = event.id AND line.kind = 'consumed'
    WHERE event.verb = 'assemble'
    UNION ALL
    SELECT event.id, event.seq, used.lot_id, event.lot_id, 'assemble'
    FROM lots_event AS event
    JOIN lots_materialuse AS used ON used.retold_by_id = event.id AND used.replaces_id IS NULL
    WHERE event.verb = 'reissue'
    UNION ALL
    SELECT event.id, event.seq, before.lot_id, event.lot_id, event.verb
    FROM lots_event AS event
    JOIN lots_unit AS unit ON unit.serial = event.payload ->> 'removed'
    CROSS JOIN LATERAL (
        SELECT path.lot_id FROM verify_path AS path
        WHERE path.unit_id = unit.id AND path.seq < event.seq
        ORDER BY path.seq DESC
        LIMIT 1
    ) AS before
    WHERE event.verb = 'swap' AND before.lot_id <> event.lot_id
),
-- What was swapped before that was kept also names lots that its place was filled from.
supposed (event_id, parent_id) AS (
    SELECT edge.closed_by_id, line.lot_id
    FROM lots_genealogy AS edge
    JOIN lots_eventline AS line ON line.event_id = edge.opened_by_id AND line.kind = 'consumed'
    WHERE edge.closed_by_id IS NOT NULL
),
faults (seq, parent_id, child_id, kind, says) AS (
    SELECT told.seq, told.parent_id, told.child_id, told.kind, 'it is not among the links of lots'
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM lots_lotlineage AS link
        WHERE link.event_id = told.event_id AND link.parent_id = told.parent_id AND link.child_id = told.child_id
            AND link.kind = told.kind
    )
    UNION ALL
    SELECT event.seq, link.parent_id, link.child_id, link.kind, 'its ledger does not say so'
    FROM lots_lotlineage AS link
    JOIN lots_event AS event ON event.id = link.event_id
    WHERE NOT EXISTS (
        SELECT FROM told
        WHERE told.event_id = link.event_id AND told.parent_id = link.parent_id AND told.child_id = link.child_id
            AND told.kind = link.kind
    )
    AND NOT (
        link.kind = 'swap' AND event.verb = 'swap' AND link.child_id = event.lot_id AND EXISTS (
            SELECT FROM supposed
            WHERE supposed.event_id = link.event_id AND supposed.parent_id = link.parent_id
        )
    )
)
SELECT
    faults.seq,
    FORMAT('lot %s came from lot %s by %s: %s', child.code, parent.code, faults.kind, faults.says)
FROM faults
JOIN lots_lot AS parent ON parent.id = faults.parent_id
JOIN lots_lot AS child ON child.id = faults.child_id
ORDER BY faults.seq, child.code, parent.code
LIMIT 1
