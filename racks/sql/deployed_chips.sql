-- Chips and power in place, by site and product.
-- Inputs: none. Counts units of kind package, and anything that draws power, below or at each open placement
-- of a rack that stands in a position. Rows: one per site and product that draws power.
WITH RECURSIVE placed AS (
    SELECT hall.site_id, placement.unit_id
    FROM racks_placement placement
    JOIN racks_slot slot ON slot.id = placement.slot_id
    JOIN racks_rackplacement standing ON standing.rack_id = slot.rack_id AND standing.valid_to IS NULL
    JOIN racks_rackposition position ON position.id = standing.position_id
    JOIN racks_hall hall ON hall.id = position.hall_id
    WHERE placement.valid_to IS NULL
),
inside AS (
    SELECT site_id, unit_id FROM placed
    UNION ALL
    SELECT inside.site_id, edge.child_id
    FROM inside
    JOIN lots_genealogy edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
)
SELECT
    site.code AS site,
    product.family AS family,
    product.code AS product,
    product.kind AS kind,
    COUNT(*) AS unit_count,
    COALESCE(SUM(product.power_watt), 0) AS watt
FROM inside
JOIN lots_unit unit ON unit.id = inside.unit_id
JOIN lots_product product ON product.id = unit.product_id AND product.power_watt IS NOT NULL
JOIN racks_site site ON site.id = inside.site_id
GROUP BY site.code, product.family, product.code, product.kind
ORDER BY site.code, product.code
