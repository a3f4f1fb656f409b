-- Everything built into the given units, through open edges, at any depth.
-- Inputs: roots (unit ids), depth_max. Rows: one per edge below a root, nearest first.
WITH RECURSIVE below AS (
    SELECT edge.id AS edge_id, edge.parent_id AS root_id, edge.child_id AS unit_id, 1 AS depth
    FROM lots_genealogy edge
    WHERE edge.parent_id = ANY(%(roots)s) AND edge.valid_to IS NULL
    UNION ALL
    SELECT edge.id, below.root_id, edge.child_id, below.depth + 1
    FROM below
    JOIN lots_genealogy edge ON edge.parent_id = below.unit_id AND edge.valid_to IS NULL
    WHERE below.depth < %(depth_max)s
)
SELECT edge_id, root_id, unit_id, depth
FROM below
ORDER BY depth, edge_id
