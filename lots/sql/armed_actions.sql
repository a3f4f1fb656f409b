-- Purpose: future actions that an event of a lot sets off: the lot's own, those of lots it was split from that are
-- meant once for all of them or again and again, and its product's. A stop is copied to what is split off.
-- Inputs: lot, product, step_from, step_to (bigint or null), verb. Rows: id, in order; mostly none.
WITH RECURSIVE family (lot_id) AS (
    SELECT %(lot)s::bigint
    UNION
    SELECT lineage.parent_id
    FROM family
    JOIN lots_lotlineage AS lineage ON lineage.child_id = family.lot_id
    WHERE lineage.kind IN ('split', 'bin')
),
armed AS (
    SELECT action.*
    FROM family
    JOIN lots_futureaction AS action ON action.lot_id = family.lot_id AND action.state = 'armed'
    WHERE action.lot_id = %(lot)s::bigint OR action.is_repeated OR action.verb = 'split'
    UNION ALL
    SELECT action.*
    FROM lots_futureaction AS action
    WHERE action.product_id = %(product)s AND action.state = 'armed'
)
SELECT id
FROM armed
WHERE CASE trigger
    WHEN 'arrives' THEN step_id = %(step_to)s::bigint AND step_id IS DISTINCT FROM %(step_from)s::bigint
    WHEN 'leaves' THEN step_id = %(step_from)s::bigint AND %(step_to)s::bigint <> step_id
    ELSE on_verb = %(verb)s
END
ORDER BY id
