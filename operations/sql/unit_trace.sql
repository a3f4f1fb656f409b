-- Purpose: one unit both ways in one walk: what it stands in, what stands in it, and the rack slots on the way up.
-- Inputs:  serial, depth_max. The columns are those of edge, unit, product, lot and wafer, as their models have them.
-- Rows: one of depth 0 for the unit itself, then one per open edge, nearest first, with depth below 0 for parts;
--       none for an unknown serial.
-- OFFSET 0 keeps each lookup by its own: thirteen tables in one join take longer to plan than to read.
WITH RECURSIVE above (edge_id, unit_id, depth) AS (
    SELECT NULL::bigint, unit.id, 0
    FROM lots_unit AS unit
    WHERE unit.serial = %(serial)s
    UNION ALL
    SELECT edge.id, edge.parent_id, above.depth + 1
    FROM above
    JOIN lots_genealogy AS edge ON edge.child_id = above.unit_id AND edge.valid_to IS NULL
    WHERE above.depth < %(depth_max)s
),
below (edge_id, unit_id, depth) AS (
    SELECT edge.id, edge.child_id, -1
    FROM lots_unit AS unit
    JOIN lots_genealogy AS edge ON edge.parent_id = unit.id AND edge.valid_to IS NULL
    WHERE unit.serial = %(serial)s
    UNION ALL
    SELECT edge.id, edge.child_id, below.depth - 1
    FROM below
    JOIN lots_genealogy AS edge ON edge.parent_id = below.unit_id AND edge.valid_to IS NULL
    WHERE below.depth > -%(depth_max)s
),
reached (edge_id, unit_id, depth) AS (
    SELECT above.edge_id, above.unit_id, above.depth FROM above
    UNION ALL
    SELECT below.edge_id, below.unit_id, below.depth FROM below
)
SELECT
    reached.depth, place.site, place.hall, place.position, place.rack, place.slot, place.valid_from,
    {columns}
FROM reached
CROSS JOIN LATERAL (SELECT * FROM lots_unit WHERE lots_unit.id = reached.unit_id OFFSET 0) AS unit
CROSS JOIN LATERAL (SELECT * FROM lots_product WHERE lots_product.id = unit.product_id OFFSET 0) AS product
LEFT JOIN LATERAL (SELECT * FROM lots_genealogy WHERE lots_genealogy.id = reached.edge_id OFFSET 0) AS edge ON TRUE
LEFT JOIN LATERAL (SELECT * FROM lots_lot WHERE lots_lot.id = unit.lot_id OFFSET 0) AS lot ON TRUE
LEFT JOIN LATERAL (SELECT * FROM lots_wafer WHERE lots_wafer.id = unit.wafer_id OFFSET 0) AS wafer ON TRUE
LEFT JOIN LATERAL (
    SELECT
        site.code AS site, hall.code AS hall, position.code AS position, rack.serial AS rack,
        slot.number AS slot, placement.valid_from
    FROM racks_placement AS placement
    JOIN racks_slot AS slot ON slot.id = placement.slot_id
    JOIN racks_rack AS rack ON rack.id = slot.rack_id
    LEFT JOIN racks_rackplacement AS stands ON stands.rack_id = rack.id AND stands.valid_to IS NULL
    LEFT JOIN racks_rackposition AS position ON position.id = stands.position_id
    LEFT JOIN racks_hall AS hall ON hall.id = position.hall_id
    LEFT JOIN racks_site AS site ON site.id = hall.site_id
    WHERE placement.unit_id = unit.id AND placement.valid_to IS NULL AND reached.depth >= 0
    OFFSET 0
) AS place ON TRUE
ORDER BY ABS(reached.depth), reached.edge_id NULLS FIRST
