-- Purpose: store anew what draws power in some racks, and add it to their sites. Goes on from rack_walk.
-- Inputs: none of its own; what was stored of these racks is taken away before. Rows: none.
,
stored AS (
    INSERT INTO racks_rackcontent (rack_id, site_id, product_id, host_id, unit_count)
    SELECT counted.rack_id, counted.site_id, counted.product_id, counted.host_id, counted.unit_count
    FROM counted
    RETURNING site_id, product_id, host_id, unit_count
)
INSERT INTO racks_sitecontent (site_id, product_id, host_id, unit_count)
SELECT stored.site_id, stored.product_id, stored.host_id, SUM(stored.unit_count)
FROM stored
WHERE stored.site_id IS NOT NULL
GROUP BY stored.site_id, stored.product_id, stored.host_id
ON CONFLICT (site_id, product_id, host_id)
    DO UPDATE SET unit_count = racks_sitecontent.unit_count + EXCLUDED.unit_count
