-- Purpose: the lots that each of the given lots was split from, at any depth, and itself.
-- Inputs:  lots bigint[], depth_max int. Rows: lot given, lot, depth (0 = itself); nearest first.
WITH RECURSIVE above (given_id, lot_id, depth) AS (
    SELECT given.id, given.id, 0 FROM unnest(%(lots)s::bigint[]) AS given (id)
    UNION
    SELECT above.given_id, link.parent_id, above.depth + 1
    FROM above
    JOIN lots_lotlineage AS link ON link.child_id = above.lot_id AND link.kind = 'split'
    WHERE above.depth < %(depth_max)s
)
SELECT given_id, lot_id, min(depth) AS depth FROM above GROUP BY given_id, lot_id ORDER BY given_id, depth, lot_id
