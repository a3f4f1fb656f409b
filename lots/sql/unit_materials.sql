-- Purpose: material that units were built with, as is known now, as known at an event or as it happened by a time. What is
-- told anew adds its difference to what was told before: by time from when it counts, which for a mistake is when they
-- were built, or when an exchange that it takes back was.
-- Inputs: serials text[]; seq (bigint or null), happened_by (timestamptz or null): one of them, or neither for now.
-- Rows: one per unit and lot that gave some: serial, lot id and code, its product's code and kind, quantity, seq and
-- time of the assembly, seq of the reissue that told it last (or null). Oldest assembly first.
SELECT
    unit.serial, used.lot_id, lot.code, product.code, product.kind,
    SUM(used.quantity - COALESCE(before.quantity, 0))::integer,
    assembly.seq, assembly.occurred_at, MAX(told.seq)
FROM lots_unit AS unit
CROSS JOIN LATERAL (
    SELECT unit.created_by_id AS event_id
    UNION
    SELECT edge.opened_by_id FROM lots_genealogy AS edge WHERE edge.parent_id = unit.id
) AS made
JOIN lots_event AS assembly ON assembly.id = made.event_id
JOIN lots_materialuse AS used ON used.event_id = assembly.id
JOIN lots_lot AS lot ON lot.id = used.lot_id
JOIN lots_product AS product ON product.id = lot.product_id
LEFT JOIN lots_materialuse AS before ON before.id = used.replaces_id
LEFT JOIN lots_event AS told ON told.id = used.retold_by_id
WHERE unit.serial = ANY(%(serials)s::text[])
    AND (%(seq)s::bigint IS NULL OR COALESCE(told.seq, assembly.seq) <= %(seq)s)
    AND (
        %(happened_by)s::timestamptz IS NULL
        OR COALESCE((told.payload ->> 'since')::timestamptz, assembly.occurred_at) <= %(happened_by)s
    )
GROUP BY unit.serial, used.lot_id, lot.code, product.code, product.kind, assembly.seq, assembly.occurred_at
HAVING SUM(used.quantity - COALESCE(before.quantity, 0)) > 0
ORDER BY assembly.seq, lot.code, unit.serial
