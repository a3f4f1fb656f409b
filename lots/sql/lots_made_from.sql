-- Purpose: the lots that came of these, by split, merge, assembly or binning, at any depth, and these themselves.
-- Inputs:  lots bigint[]. Rows: one per lot.
WITH RECURSIVE made (lot_id) AS (
    SELECT wanted.id FROM unnest(%(lots)s::bigint[]) AS wanted (id)
    UNION
    SELECT link.child_id
    FROM made
    JOIN lots_lotlineage AS link ON link.parent_id = made.lot_id AND link.kind <> 'swap'
)
SELECT lot_id FROM made
