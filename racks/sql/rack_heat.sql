-- Typical heat of one rack, in watts.
-- Inputs: rack (id). Sums the draw of every unit in an open placement of the rack, which includes that of its
-- parts; where the draw of a unit is not known, that of its parts. Rows: one.
WITH RECURSIVE inside AS (
    SELECT placement.unit_id, product.power_watt
    FROM racks_placement placement
    JOIN racks_slot slot ON slot.id = placement.slot_id
    JOIN lots_unit unit ON unit.id = placement.unit_id
    JOIN lots_product product ON product.id = unit.product_id
    WHERE placement.valid_to IS NULL AND slot.rack_id = %(rack)s
    UNION ALL
    SELECT edge.child_id, product.power_watt
    FROM inside
    JOIN lots_genealogy edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
    JOIN lots_unit unit ON unit.id = edge.child_id
    JOIN lots_product product ON product.id = unit.product_id
    WHERE inside.power_watt IS NULL
)
SELECT COALESCE(SUM(power_watt), 0)
FROM inside
