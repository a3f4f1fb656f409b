-- Purpose: everything the given units now stand in, at any depth.
-- Inputs:  unit_ids bigint[]. Rows: one per open edge above them: root, edge, unit, depth (1 = direct).
WITH RECURSIVE above (root_id, edge_id, unit_id, depth) AS (
    SELECT edge.child_id, edge.id, edge.parent_id, 1
    FROM lots_genealogy AS edge
    WHERE edge.child_id = ANY(%(unit_ids)s) AND edge.valid_to IS NULL
    UNION ALL
    SELECT above.root_id, edge.id, edge.parent_id, above.depth + 1
    FROM above
    JOIN lots_genealogy AS edge ON edge.child_id = above.unit_id AND edge.valid_to IS NULL
    WHERE above.depth < %(depth_max)s
)
SELECT root_id, edge_id, unit_id, depth FROM above ORDER BY depth, edge_id
