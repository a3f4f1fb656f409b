-- Purpose: every genealogy edge around the given units, up and down, also those that ended.
-- Inputs:  unit_ids bigint[], closed (boolean: ended edges too), depth_max; seq (bigint or null): as known at that event,
-- when what was closed later stood. An edge counts only while the edge by which it was reached stood; one whose opening
-- is known to be a mistake never did. Scalar subqueries keep each step an index lookup. Rows: one per edge and way to it:
-- direction (1 up, -1 down), depth from 1, the edge, the edge it was reached by (null at depth 1), the unit at its far
-- end, its near end's serial, position, interval and events.
WITH RECURSIVE known AS NOT MATERIALIZED (
    SELECT
        edge.id, edge.parent_id, edge.child_id, edge.position, edge.opened_by_id, edge.closed_by_id, edge.valid_from,
        CASE
            WHEN %(seq)s::bigint IS NULL
                OR (SELECT one.seq FROM lots_event AS one WHERE one.id = edge.closed_by_id) <= %(seq)s
                THEN edge.valid_to
        END AS valid_to
    FROM lots_genealogy AS edge
    WHERE (
            %(seq)s::bigint IS NULL
            OR (SELECT one.seq FROM lots_event AS one WHERE one.id = edge.opened_by_id) <= %(seq)s
        )
        AND COALESCE((
            SELECT one.verb <> 'correct' OR one.seq > %(seq)s
            FROM lots_event AS one
            WHERE one.id = edge.closed_by_id
        ), edge.closed_by_id IS NULL)
),
around (direction, depth, edge_id, reached_by, far_id, stood_from, stood_to) AS (
    SELECT 1, 1, edge.id, NULL::bigint, edge.parent_id, edge.valid_from, edge.valid_to
    FROM known AS edge
    WHERE edge.child_id = ANY(%(unit_ids)s) AND (%(closed)s OR edge.valid_to IS NULL)
    UNION ALL
    SELECT -1, 1, edge.id, NULL::bigint, edge.child_id, edge.valid_from, edge.valid_to
    FROM known AS edge
    WHERE edge.parent_id = ANY(%(unit_ids)s) AND (%(closed)s OR edge.valid_to IS NULL)
    UNION
    SELECT
        around.direction, around.depth + 1, edge.id, around.edge_id,
        CASE around.direction WHEN 1 THEN edge.parent_id ELSE edge.child_id END,
        GREATEST(around.stood_from, edge.valid_from), LEAST(around.stood_to, edge.valid_to)
    FROM around
    JOIN known AS edge
        ON (around.direction = 1 AND edge.child_id = around.far_id)
        OR (around.direction = -1 AND edge.parent_id = around.far_id)
    WHERE around.depth < %(depth_max)s
        AND (%(closed)s OR edge.valid_to IS NULL)
        AND (around.stood_to IS NULL OR edge.valid_from < around.stood_to)
        AND (edge.valid_to IS NULL OR edge.valid_to > around.stood_from)
)
SELECT
    around.direction, around.depth, around.edge_id, around.reached_by, far.serial,
    near.serial, far.kind, product.code, far.state, far.trust, lot.code, wafer.code, far.x, far.y,
    far.declared_lot, far.declared_wafer, edge.position, edge.valid_from, edge.valid_to, opened.seq, closed.seq
FROM around
JOIN known AS edge ON edge.id = around.edge_id
JOIN lots_unit AS far ON far.id = around.far_id
JOIN lots_unit AS near ON near.id = CASE around.direction WHEN 1 THEN edge.child_id ELSE edge.parent_id END
JOIN lots_product AS product ON product.id = far.product_id
JOIN lots_event AS opened ON opened.id = edge.opened_by_id
LEFT JOIN lots_event AS closed ON closed.id = edge.closed_by_id AND edge.valid_to IS NOT NULL
LEFT JOIN lots_lot AS lot ON lot.id = far.lot_id
LEFT JOIN lots_wafer AS wafer ON wafer.id = far.wafer_id
ORDER BY around.depth, edge.valid_to DESC NULLS FIRST, edge.position, around.edge_id
