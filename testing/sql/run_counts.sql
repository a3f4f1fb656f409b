-- Purpose: what a run's insertions came to, counted as they were written and by each unit's last one.
-- Inputs:  run_id.
-- Rows:    one per head, site, wafer, hard bin, soft bin and outcome; a missing bin or wafer is null.
WITH placed AS (
    SELECT
        head, site, wafer_id, hard_bin, soft_bin, outcome,
        ROW_NUMBER() OVER (PARTITION BY unit_key ORDER BY part_index DESC) = 1 AS is_last
    FROM testing_unitresult
    WHERE run_id = %(run_id)s
)
SELECT
    head, site, wafer_id, hard_bin, soft_bin, outcome,
    COUNT(*) AS insertions,
    COUNT(*) FILTER (WHERE is_last) AS units
FROM placed
GROUP BY head, site, wafer_id, hard_bin, soft_bin, outcome
ORDER BY head, site, wafer_id, hard_bin, soft_bin, outcome
