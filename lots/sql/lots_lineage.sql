-- Purpose: how lots came to be, through split, merge, assembly, binning and swap, back to where they were started; and,
-- where asked, what came of them.
-- Inputs:  codes text[], forward (boolean: also what came of them), limit; seq (bigint or null): as known at that event.
-- Rows: one per link: direction (-1 back, 1 forward), parent, child, kind, quantity that the parent gave as the event told
-- it, seq and time of the event, products.
-- A lot whose material an assembly took by mistake only, as is told then, gave it nothing; nor did any to an assembly that
-- was corrected by then. Without seq that is what lots_lineage_now_v2 says.
WITH RECURSIVE known AS NOT MATERIALIZED (
    SELECT link.id, link.parent_id, link.child_id
    FROM lots_lineage_now_v2 AS link
    WHERE %(seq)s::bigint IS NULL
    UNION ALL
    SELECT link.id, link.parent_id, link.child_id
    FROM lots_lotlineage AS link
    WHERE (SELECT event.seq FROM lots_event AS event WHERE event.id = link.event_id) <= %(seq)s
        AND NOT EXISTS (
            SELECT FROM lots_event AS undone
            WHERE undone.corrects_id = link.event_id AND undone.verb = 'correct' AND undone.seq <= %(seq)s
        )
        AND (link.kind <> 'assemble' OR NOT EXISTS (
            SELECT FROM lots_materialuse AS first
            WHERE first.lot_id = link.parent_id AND first.replaces_id IS NULL
                AND COALESCE(first.retold_by_id, first.event_id) = link.event_id
                AND NOT EXISTS (
                    SELECT FROM lots_materialuse AS used
                    JOIN lots_event AS told ON told.id = COALESCE(used.retold_by_id, used.event_id)
                    WHERE used.event_id = first.event_id AND used.lot_id = first.lot_id AND used.quantity > 0
                        AND told.seq <= %(seq)s
                        AND NOT EXISTS (
                            SELECT FROM lots_materialuse AS later
                            JOIN lots_event AS word ON word.id = later.retold_by_id
                            WHERE later.replaces_id = used.id AND word.seq <= %(seq)s
                        )
                )
        ))
),
back (link_id, lot_id) AS (
    SELECT link.id, link.parent_id
    FROM lots_lot AS lot
    JOIN known AS link ON link.child_id = lot.id
    WHERE lot.code = ANY(%(codes)s::text[])
    UNION
    SELECT link.id, link.parent_id
    FROM back
    JOIN known AS link ON link.child_id = back.lot_id
),
ahead (link_id, lot_id) AS (
    SELECT link.id, link.child_id
    FROM lots_lot AS lot
    JOIN known AS link ON link.parent_id = lot.id
    WHERE lot.code = ANY(%(codes)s::text[]) AND %(forward)s
    UNION
    SELECT link.id, link.child_id
    FROM ahead
    JOIN known AS link ON link.parent_id = ahead.lot_id
),
reached (direction, link_id) AS (
    SELECT -1, back.link_id FROM back
    UNION
    SELECT 1, ahead.link_id FROM ahead
)
SELECT
    reached.direction, parent.code, child.code, link.kind,
    CASE link.kind WHEN 'swap' THEN 1 ELSE (
        SELECT SUM(line.quantity)
        FROM lots_eventline AS line
        WHERE line.event_id = link.event_id AND line.lot_id = link.parent_id AND line.kind IN ('split-out', 'consumed')
    ) END,
    event.seq, event.occurred_at, given.code, made.code
FROM reached
JOIN lots_lotlineage AS link ON link.id = reached.link_id
JOIN lots_lot AS parent ON parent.id = link.parent_id
JOIN lots_lot AS child ON child.id = link.child_id
JOIN lots_product AS given ON given.id = parent.product_id
JOIN lots_product AS made ON made.id = child.product_id
JOIN lots_event AS event ON event.id = link.event_id
ORDER BY event.seq DESC, parent.code, child.code
LIMIT %(limit)s
