-- Chips and power in place, by site and product.
-- Inputs: none. Counts what draws power at or below each open placement of a rack that stands in a position.
-- A unit's draw includes that of its parts, so a row has only what its units draw beyond their parts: the sum
-- over rows counts each watt once. Rows: one per site and product that draws power.
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
    SELECT placed.site_id, placed.unit_id, product.id AS product_id, product.kind, product.power_watt,
        NULL::bigint AS host_id
    FROM placed
    JOIN lots_unit unit ON unit.id = placed.unit_id
    JOIN lots_product product ON product.id = unit.product_id
    UNION ALL
    SELECT inside.site_id, edge.child_id, product.id, product.kind, product.power_watt,
        CASE WHEN inside.power_watt IS NULL THEN inside.host_id ELSE inside.product_id END
    FROM inside
    JOIN lots_genealogy edge ON edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
    JOIN lots_unit unit ON unit.id = edge.child_id
    JOIN lots_product product ON product.id = unit.product_id
    WHERE inside.kind <> 'package'
),
share AS (
    SELECT site_id, product_id, 1 AS units, power_watt AS watt
    FROM inside
    WHERE power_watt IS NOT NULL
    UNION ALL
    SELECT site_id, host_id, 0, -power_watt
    FROM inside
    WHERE power_watt IS NOT NULL AND host_id IS NOT NULL
)
SELECT
    site.code AS site,
    product.family AS family,
    product.code AS product,
    product.kind AS kind,
    SUM(share.units) AS unit_count,
    SUM(share.watt) AS watt
FROM share
JOIN lots_product product ON product.id = share.product_id
JOIN racks_site site ON site.id = share.site_id
GROUP BY site.code, product.family, product.code, product.kind
ORDER BY site.code, product.code
