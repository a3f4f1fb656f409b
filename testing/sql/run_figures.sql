-- Hard bins of one run's units, each by its last insertion in that run.
-- Inputs: run_id.
-- Rows: one per hard bin; a missing bin is null.
SELECT hard_bin, COUNT(*) AS units
FROM (
    SELECT DISTINCT ON (unit_key) unit_key, hard_bin
    FROM testing_unitresult
    WHERE run_id = %(run_id)s
    ORDER BY unit_key, part_index DESC
) AS final
GROUP BY hard_bin
ORDER BY hard_bin
