-- Purpose: the lot that each of the given lots was split or binned off from first, at any depth; itself if none.
-- Inputs:  lots bigint[], depth_max int. Rows: lot, code of the first; one per lot given.
WITH RECURSIVE above (lot_id, ancestor_id, depth) AS (
    SELECT wanted.id, wanted.id, 0 FROM unnest(%(lots)s::bigint[]) AS wanted (id)
    UNION
    SELECT above.lot_id, link.parent_id, above.depth + 1
    FROM above
    JOIN lots_lotlineage AS link ON link.child_id = above.ancestor_id AND link.kind IN ('split', 'bin')
    WHERE above.depth < %(depth_max)s
)
SELECT DISTINCT ON (above.lot_id) above.lot_id, lot.code
FROM above
JOIN lots_lot AS lot ON lot.id = above.ancestor_id
ORDER BY above.lot_id, above.depth DESC, above.ancestor_id
