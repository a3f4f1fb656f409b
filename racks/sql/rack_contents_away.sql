-- Purpose: take away what is stored of some racks, and from their sites too.
-- Inputs: rack_ids bigint[]. Rows: none.
WITH gone AS (
    DELETE FROM racks_rackcontent
    WHERE rack_id = ANY(%(rack_ids)s)
    RETURNING site_id, product_id, host_id, unit_count
),
summed AS (
    SELECT gone.site_id, gone.product_id, gone.host_id, SUM(gone.unit_count) AS unit_count
    FROM gone
    GROUP BY gone.site_id, gone.product_id, gone.host_id
)
UPDATE racks_sitecontent AS site
SET unit_count = site.unit_count - summed.unit_count
FROM summed
WHERE site.site_id = summed.site_id
    AND site.product_id = summed.product_id
    AND site.host_id IS NOT DISTINCT FROM summed.host_id
