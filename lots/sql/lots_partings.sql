-- Purpose: what left these lots, or lots they came from, for others, as the ledger tells up to an event.
-- Inputs:  lot_ids bigint[], seq (bigint). Rows: one per link from such a lot: its id; for one without links it is the only row.
-- Then id of the lot it went to, seq, verb and payload of the event, ids of the units it names by serial or that a bin
-- of old took; null without a link.
WITH RECURSIVE family (id) AS (
    SELECT UNNEST(%(lot_ids)s::bigint[])
    UNION
    SELECT link.parent_id
    FROM family
    JOIN lots_lotlineage AS link ON link.child_id = family.id
    WHERE link.kind <> 'assemble'
)
SELECT
    family.id, gone.child_id, gone.seq, gone.verb, gone.payload,
    ARRAY(
        SELECT unit.id
        FROM lots_unit AS unit
        WHERE unit.serial IN (
            SELECT JSONB_ARRAY_ELEMENTS_TEXT(gone.payload -> 'serials')
            UNION ALL
            SELECT gone.payload ->> 'removed'
        )
        UNION ALL
        SELECT unit.id
        FROM lots_unit AS unit
        WHERE unit.lot_id = gone.child_id AND gone.payload ? 'bins' AND NOT gone.payload ? 'unit_ids'
    )
FROM family
LEFT JOIN LATERAL (
    SELECT link.child_id, event.seq, event.verb, event.payload
    FROM lots_lotlineage AS link
    JOIN lots_event AS event ON event.id = link.event_id
    WHERE link.parent_id = family.id AND link.kind <> 'assemble' AND event.seq <= %(seq)s
) AS gone ON TRUE
ORDER BY gone.seq, family.id
