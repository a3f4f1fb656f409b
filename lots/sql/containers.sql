-- Everything the given units are built into, through open edges, at any depth.
-- Inputs: roots (unit ids), depth_max. Rows: one per root and container, nearest first.
WITH RECURSIVE above AS (
    SELECT edge.id AS edge_id, edge.child_id AS root_id, edge.parent_id AS unit_id, 1 AS depth
    FROM lots_genealogy edge
    WHERE edge.child_id = ANY(%(roots)s) AND edge.valid_to IS NULL
    UNION ALL
    SELECT edge.id, above.root_id, edge.parent_id, above.depth + 1
    FROM above
    JOIN lots_genealogy edge ON edge.child_id = above.unit_id AND edge.valid_to IS NULL
    WHERE above.depth < %(depth_max)s
)
SELECT edge_id, root_id, unit_id, depth
FROM above
ORDER BY depth, edge_id
