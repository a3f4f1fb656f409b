-- Purpose: chips and power in place, by site and product: as stored, but of racks that changed since as they are.
-- Goes on from rack_walk, asked for what is owed.
-- Inputs: none of its own. Only racks that stand in a position count. A unit's draw includes that of its parts, so a
-- row has only what its units draw beyond their parts: the sum over rows counts each watt once.
-- Rows: one per site and product that draws power.
,
content (site_id, product_id, host_id, unit_count) AS (
    SELECT site.site_id, site.product_id, site.host_id, site.unit_count
    FROM racks_sitecontent AS site
    UNION ALL
    SELECT stored.site_id, stored.product_id, stored.host_id, -stored.unit_count
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT one.site_id, one.product_id, one.host_id, one.unit_count
        FROM racks_rackcontent AS one
        WHERE one.rack_id = wanted.rack_id AND one.site_id IS NOT NULL
        OFFSET 0
    ) AS stored
    UNION ALL
    SELECT counted.site_id, counted.product_id, counted.host_id, counted.unit_count
    FROM counted
    WHERE counted.site_id IS NOT NULL
),
share (site_id, product_id, unit_count, watt) AS (
    SELECT content.site_id, content.product_id, content.unit_count, content.unit_count * part.power_watt
    FROM content
    JOIN lots_product AS part ON part.id = content.product_id
    UNION ALL
    SELECT content.site_id, content.host_id, 0, -content.unit_count * part.power_watt
    FROM content
    JOIN lots_product AS part ON part.id = content.product_id
    WHERE content.host_id IS NOT NULL
)
SELECT
    site.code, product.family, product.code, product.kind, SUM(share.unit_count)::bigint,
    COALESCE(SUM(share.watt), 0)
FROM share
JOIN lots_product AS product ON product.id = share.product_id
JOIN racks_site AS site ON site.id = share.site_id
GROUP BY site.code, product.family, product.code, product.kind
HAVING SUM(share.unit_count) > 0
ORDER BY site.code, product.code
