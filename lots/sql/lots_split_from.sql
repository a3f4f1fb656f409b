-- Purpose: the lots that the given lot was split from, at any depth, and itself.
-- Inputs:  lot_id bigint, depth_max int. Rows: lot, depth (0 = itself); nearest first.
WITH RECURSIVE above (lot_id, depth) AS (
    SELECT %(lot_id)s::bigint, 0
    UNION
    SELECT link.parent_id, above.depth + 1
    FROM above
    JOIN lots_lotlineage AS link ON link.child_id = above.lot_id AND link.kind = 'split'
    WHERE above.depth < %(depth_max)s
)
SELECT lot_id, min(depth) AS depth FROM above GROUP BY lot_id ORDER BY depth, lot_id
