-- Purpose: builds that may hold material of suspect lots although nobody said so: their bill takes the product without
-- serials, they were built since the first of these lots was there, and their assembly named no lot of that product.
-- Inputs:  lot_ids bigint[]. Rows: one per product: its code, since when, assemblies, units built by them; most units first.
WITH suspect (product_id, since) AS (
    SELECT lot.product_id, MIN(came.occurred_at)
    FROM lots_lot AS lot
    CROSS JOIN LATERAL (
        SELECT event.occurred_at
        FROM lots_eventline AS line
        JOIN lots_event AS event ON event.id = line.event_id
        WHERE line.lot_id = lot.id
        ORDER BY line.id
        LIMIT 1
    ) AS came
    WHERE lot.id = ANY(%(lot_ids)s::bigint[])
    GROUP BY lot.product_id
)
SELECT product.code, suspect.since, COUNT(*), SUM((assembly.payload ->> 'builds')::bigint)::bigint
FROM suspect
JOIN lots_product AS product ON product.id = suspect.product_id
JOIN lots_billline AS billed ON billed.component_id = suspect.product_id AND NOT billed.is_serialised
JOIN lots_lot AS built ON built.bill_id = billed.bill_id
JOIN lots_event AS assembly
    ON assembly.lot_id = built.id AND assembly.verb = 'assemble' AND assembly.occurred_at >= suspect.since
WHERE NOT EXISTS (
    SELECT FROM lots_materialuse AS used
    JOIN lots_lot AS named ON named.id = used.lot_id
    WHERE used.event_id = assembly.id AND named.product_id = suspect.product_id
)
GROUP BY product.code, suspect.since
ORDER BY 4 DESC, product.code
