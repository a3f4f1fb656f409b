-- Every unit that is of the given lots, or contains or contained one that is (closed edges too: a unit once
-- built in may have harmed what it was in), with the lot it traces to.
-- Inputs: lots (lot ids), depth_max. Rows: one per unit and lot.
WITH RECURSIVE reached AS (
    SELECT unit.lot_id, unit.id AS unit_id, 0 AS depth
    FROM lots_unit unit
    WHERE unit.lot_id = ANY(%(lots)s)
    UNION
    SELECT wafer.lot_id, unit.id, 0
    FROM lots_wafer wafer
    JOIN lots_unit unit ON unit.wafer_id = wafer.id
    WHERE wafer.lot_id = ANY(%(lots)s)
    UNION
    SELECT reached.lot_id, edge.parent_id, reached.depth + 1
    FROM reached
    JOIN lots_genealogy edge ON edge.child_id = reached.unit_id
    WHERE reached.depth < %(depth_max)s
)
SELECT DISTINCT lot_id, unit_id
FROM reached
ORDER BY lot_id, unit_id
