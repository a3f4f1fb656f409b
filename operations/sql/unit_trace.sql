-- Purpose: one unit both ways in one walk: what it stands in, what stands in it, and the rack slots on the way up.
-- Inputs:  unit_id, depth_max. The columns are those of edge, unit, product, lot and wafer, as their models have them.
-- Rows: one per open edge, nearest first, with depth below 0 for parts; and one of depth 0 for the unit itself.
WITH RECURSIVE above (edge_id, unit_id, depth) AS (
    SELECT edge.id, edge.parent_id, 1
    FROM lots_genealogy AS edge
    WHERE edge.child_id = %(unit_id)s AND edge.valid_to IS NULL
    UNION ALL
    SELECT edge.id, edge.parent_id, above.depth + 1
    FROM above
    JOIN lots_genealogy AS edge ON edge.child_id = above.unit_id AND edge.valid_to IS NULL
    WHERE above.depth < %(depth_max)s
),
below (edge_id, unit_id, depth) AS (
    SELECT edge.id, edge.child_id, -1
    FROM lots_genealogy AS edge
    WHERE edge.parent_id = %(unit_id)s AND edge.valid_to IS NULL
    UNION ALL
    SELECT edge.id, edge.child_id, below.depth - 1
    FROM below
    JOIN lots_genealogy AS edge ON edge.parent_id = below.unit_id AND edge.valid_to IS NULL
    WHERE below.depth > -%(depth_max)s
),
reached (edge_id, unit_id, depth) AS (
    SELECT NULL::bigint, %(unit_id)s::bigint, 0
    UNION ALL
    SELECT above.edge_id, above.unit_id, above.depth FROM above
    UNION ALL
    SELECT below.edge_id, below.unit_id, below.depth FROM below
)
SELECT
    reached.depth, site.code, hall.code, position.code, rack.serial, slot.number, placement.valid_from,
    {columns}
FROM reached
JOIN lots_unit AS unit ON unit.id = reached.unit_id
JOIN lots_product AS product ON product.id = unit.product_id
LEFT JOIN lots_genealogy AS edge ON edge.id = reached.edge_id
LEFT JOIN lots_lot AS lot ON lot.id = unit.lot_id
LEFT JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
LEFT JOIN racks_placement AS placement
    ON placement.unit_id = unit.id AND placement.valid_to IS NULL AND reached.depth >= 0
LEFT JOIN racks_slot AS slot ON slot.id = placement.slot_id
LEFT JOIN racks_rack AS rack ON rack.id = slot.rack_id
LEFT JOIN racks_rackplacement AS stands ON stands.rack_id = rack.id AND stands.valid_to IS NULL
LEFT JOIN racks_rackposition AS position ON position.id = stands.position_id
LEFT JOIN racks_hall AS hall ON hall.id = position.hall_id
LEFT JOIN racks_site AS site ON site.id = hall.site_id
ORDER BY ABS(reached.depth), reached.edge_id
