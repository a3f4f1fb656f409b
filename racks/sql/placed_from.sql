-- Units in rack slots that hold material of given lots or wafers: of a lot also what was split or merged from it,
-- and of all of these what was built from it.
-- Inputs: lot_ids bigint[], wafer_ids bigint[], depth_max. Rows: origin ('lot' or 'wafer'), its id, serial of the
-- placed unit, rack, slot number, position and site (null: the rack stands nowhere); one per origin and unit.
WITH RECURSIVE descent (origin_id, lot_id, depth) AS (
    SELECT lot.id, lot.id, 0
    FROM lots_lot AS lot
    WHERE lot.id = ANY(%(lot_ids)s)
    UNION
    SELECT descent.origin_id, link.child_id, descent.depth + 1
    FROM descent
    JOIN lots_lotlineage AS link ON link.parent_id = descent.lot_id AND link.kind IN ('split', 'merge')
    WHERE descent.depth < %(depth_max)s
),
material (origin, origin_id, unit_id) AS (
    SELECT 'lot', descent.origin_id, unit.id
    FROM descent
    JOIN lots_unit AS unit ON unit.lot_id = descent.lot_id
    UNION
    SELECT 'wafer', unit.wafer_id, unit.id
    FROM lots_unit AS unit
    WHERE unit.wafer_id = ANY(%(wafer_ids)s)
),
reached (origin, origin_id, unit_id, depth) AS (
    SELECT origin, origin_id, unit_id, 0
    FROM material
    UNION
    SELECT reached.origin, reached.origin_id, edge.parent_id, reached.depth + 1
    FROM reached
    JOIN lots_genealogy AS edge ON edge.child_id = reached.unit_id AND edge.valid_to IS NULL
    WHERE reached.depth < %(depth_max)s
)
SELECT DISTINCT
    reached.origin, reached.origin_id, unit.serial, rack.serial, slot.number, position.code, site.code
FROM reached
JOIN racks_placement AS placement ON placement.unit_id = reached.unit_id AND placement.valid_to IS NULL
JOIN lots_unit AS unit ON unit.id = reached.unit_id
JOIN racks_slot AS slot ON slot.id = placement.slot_id
JOIN racks_rack AS rack ON rack.id = slot.rack_id
LEFT JOIN racks_rackplacement AS standing ON standing.rack_id = rack.id AND standing.valid_to IS NULL
LEFT JOIN racks_rackposition AS position ON position.id = standing.position_id
LEFT JOIN racks_hall AS hall ON hall.id = position.hall_id
LEFT JOIN racks_site AS site ON site.id = hall.site_id
ORDER BY reached.origin, reached.origin_id, rack.serial, slot.number
