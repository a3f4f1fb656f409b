-- Purpose: everything that now stands inside the given units, at any depth.
-- Inputs:  unit_ids bigint[]. Rows: one per open edge below them: root, edge, unit, depth (1 = direct).
WITH RECURSIVE below (root_id, edge_id, unit_id, depth) AS (
    SELECT edge.parent_id, edge.id, edge.child_id, 1
    FROM lots_genealogy AS edge
    WHERE edge.parent_id = ANY(%(unit_ids)s) AND edge.valid_to IS NULL
    UNION ALL
    SELECT below.root_id, edge.id, edge.child_id, below.depth + 1
    FROM below
    JOIN lots_genealogy AS edge ON edge.parent_id = below.unit_id AND edge.valid_to IS NULL
    WHERE below.depth < %(depth_max)s
)
SELECT root_id, edge_id, unit_id, depth FROM below ORDER BY depth, edge_id
