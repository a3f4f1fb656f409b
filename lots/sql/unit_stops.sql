-- Purpose: open holds that stop a unit or anything now inside it: on the whole of its lot, on itself, on its wafer or
-- on the whole of a lot of material that it was built with, as that is told now.
-- Inputs:  unit_id, depth_max, limit. Rows: serial of what is stopped, reason, code of the lot on hold; oldest first.
WITH RECURSIVE inside (unit_id, depth) AS (
    SELECT %(unit_id)s::bigint, 0
    UNION
    SELECT edge.child_id, inside.depth + 1
    FROM inside
    JOIN lots_genealogy AS edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
    WHERE inside.depth < %(depth_max)s
),
stop (hold_id, unit_id) AS (
    SELECT hold.id, unit.id
    FROM inside
    JOIN lots_unit AS unit ON unit.id = inside.unit_id
    JOIN lots_hold AS hold ON hold.lot_id = unit.lot_id AND hold.scope = 'lot' AND hold.released_at IS NULL
    UNION
    SELECT hold.id, unit.id
    FROM inside
    JOIN lots_unit AS unit ON unit.id = inside.unit_id
    JOIN lots_material_used_v1 AS used ON used.event_id = unit.created_by_id
    JOIN lots_hold AS hold ON hold.lot_id = used.lot_id AND hold.scope = 'lot' AND hold.released_at IS NULL
    UNION
    SELECT item.hold_id, unit.id
    FROM inside
    JOIN lots_unit AS unit ON unit.id = inside.unit_id
    JOIN lots_holditem AS item ON item.unit_id = unit.id OR item.wafer_id = unit.wafer_id
)
SELECT MIN(unit.serial), hold.reason, lot.code
FROM stop
JOIN lots_hold AS hold ON hold.id = stop.hold_id AND hold.released_at IS NULL
JOIN lots_lot AS lot ON lot.id = hold.lot_id
JOIN lots_unit AS unit ON unit.id = stop.unit_id
GROUP BY hold.id, hold.reason, lot.code
ORDER BY hold.id
LIMIT %(limit)s
