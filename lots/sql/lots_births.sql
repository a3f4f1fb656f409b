-- Purpose: units and wafers that came to be in these lots, as the ledger told when it was at an event.
-- Inputs:  lot_ids bigint[], seq (bigint), unit_ids bigint[] or null: those units alone, and no wafers. Rows: one per unit or wafer and birth: whether it is a wafer, its id, seq of the
-- event, lot, number of its wafer. What was taken back since, and what came again since, was there then. A wafer with a
-- number is born in the lot its code names; one without is told to be where it is now.
WITH births AS (
    SELECT event.id, event.seq, event.lot_id, undone.seq AS undone_seq, undone.payload AS undone
    FROM lots_event AS event
    LEFT JOIN lots_event AS undone ON undone.corrects_id = event.id AND undone.verb = 'correct'
    WHERE event.lot_id = ANY(%(lot_ids)s::bigint[]) AND event.verb IN ('receive', 'dice', 'assemble')
        AND event.seq <= %(seq)s AND (undone.seq IS NULL OR undone.seq > %(seq)s)
),
units (unit_id, seq, lot_id) AS (
    SELECT unit.id, births.seq, births.lot_id
    FROM births
    JOIN lots_unit AS unit ON unit.created_by_id = births.id
    UNION
    SELECT named.id::bigint, births.seq, births.lot_id
    FROM births
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(births.undone -> 'unit_ids') AS named (id)
),
withdrawn (wafer_id, seq) AS (
    SELECT named.id::bigint, MAX(event.seq)
    FROM lots_event AS event
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(event.payload -> 'wafer_ids') AS named (id)
    WHERE event.lot_id = ANY(%(lot_ids)s::bigint[]) AND event.verb = 'correct' AND event.payload ->> 'verb' = 'receive'
    GROUP BY named.id
),
wafers (wafer_id, seq, lot_id, number) AS (
    SELECT wafer.id, 0, lot.id, wafer.number
    FROM lots_lot AS lot
    CROSS JOIN GENERATE_SERIES(0, 99) AS place (number)
    JOIN lots_wafer AS wafer
        ON wafer.code = lot.code || '-' || LPAD(place.number::text, 2, '0') AND wafer.number = place.number
    WHERE lot.id = ANY(%(lot_ids)s::bigint[])
    UNION ALL
    SELECT wafer.id, COALESCE(added.seq, 0), wafer.lot_id, NULL
    FROM lots_wafer AS wafer
    LEFT JOIN LATERAL (
        SELECT MAX(event.seq) AS seq
        FROM lots_event AS event
        WHERE event.lot_id = ANY(%(lot_ids)s::bigint[]) AND event.verb = 'receive' AND event.payload -> 'wafers' ? wafer.code
    ) AS added ON TRUE
    WHERE wafer.lot_id = ANY(%(lot_ids)s::bigint[]) AND wafer.number IS NULL AND COALESCE(added.seq, 0) <= %(seq)s
)
SELECT FALSE, units.unit_id, units.seq, units.lot_id, wafer.number
FROM units
JOIN lots_unit AS unit ON unit.id = units.unit_id
LEFT JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
WHERE %(unit_ids)s::bigint[] IS NULL OR unit.id = ANY(%(unit_ids)s::bigint[])
UNION ALL
SELECT TRUE, wafers.wafer_id, wafers.seq, wafers.lot_id, wafers.number
FROM wafers
JOIN lots_wafer AS wafer ON wafer.id = wafers.wafer_id
LEFT JOIN withdrawn ON withdrawn.wafer_id = wafer.id
WHERE (NOT wafer.is_withdrawn OR withdrawn.seq > %(seq)s) AND %(unit_ids)s::bigint[] IS NULL
