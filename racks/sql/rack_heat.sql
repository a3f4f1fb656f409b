-- Typical heat of one rack, in watts.
-- Inputs: rack (id). Sums the draw of every unit at or below an open placement in the rack. Rows: one.
WITH RECURSIVE inside AS (
    SELECT placement.unit_id
    FROM racks_placement placement
    JOIN racks_slot slot ON slot.id = placement.slot_id
    WHERE placement.valid_to IS NULL AND slot.rack_id = %(rack)s
    UNION ALL
    SELECT edge.child_id
    FROM inside
    JOIN lots_genealogy edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
)
SELECT COALESCE(SUM(product.power_watt), 0)
FROM inside
JOIN lots_unit unit ON unit.id = inside.unit_id
JOIN lots_product product ON product.id = unit.product_id
