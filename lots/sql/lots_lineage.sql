-- Purpose: how lots came to be, through split, merge, assembly and binning, back to where they were started.
-- Inputs:  codes text[]. Rows: one per link: parent, child, kind, seq and time of the event. A lot whose material an
-- assembly took by mistake only, as is told now, gave it nothing.
WITH RECURSIVE back (link_id, lot_id) AS (
    SELECT link.id, link.parent_id
    FROM lots_lot AS lot
    JOIN lots_lineage_now_v1 AS link ON link.child_id = lot.id
    WHERE lot.code = ANY(%(codes)s::text[])
    UNION
    SELECT link.id, link.parent_id
    FROM back
    JOIN lots_lineage_now_v1 AS link ON link.child_id = back.lot_id
)
SELECT DISTINCT parent.code, child.code, link.kind, event.seq, event.occurred_at
FROM back
JOIN lots_lotlineage AS link ON link.id = back.link_id
JOIN lots_lot AS parent ON parent.id = link.parent_id
JOIN lots_lot AS child ON child.id = link.child_id
JOIN lots_event AS event ON event.id = link.event_id
ORDER BY event.seq DESC, parent.code
