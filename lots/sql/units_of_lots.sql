-- Purpose: the units of the given lots, and everything they are now built into, for a recall.
-- Inputs:  lot_ids bigint[]. Rows: lot, unit; one per pair.
WITH RECURSIVE reached (lot_id, unit_id, depth) AS (
    SELECT unit.lot_id, unit.id, 0
    FROM lots_unit AS unit
    WHERE unit.lot_id = ANY(%(lot_ids)s)
    UNION
    SELECT reached.lot_id, edge.parent_id, reached.depth + 1
    FROM reached
    JOIN lots_genealogy AS edge ON edge.child_id = reached.unit_id AND edge.valid_to IS NULL
    WHERE reached.depth < %(depth_max)s
)
SELECT DISTINCT lot_id, unit_id FROM reached
