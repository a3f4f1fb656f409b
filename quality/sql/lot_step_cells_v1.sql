-- Purpose: counts of one lot at one step in the finest cells that yields are pooled from.
-- Inputs: lot_step_id. Rows: wafers x programs x testers x sites, at most some hundreds.
-- A unit belongs to the cell of its first insertion, whatever decided it later.

SELECT
    first.wafer_id,
    run.revision_id,
    run.tester_id,
    first.head,
    first.site,
    COUNT(*) AS tested,
    COUNT(*) FILTER (WHERE first.outcome = 'pass') AS first_passed,
    COUNT(*) FILTER (WHERE final.outcome = 'pass') AS final_passed,
    COUNT(*) FILTER (WHERE again.attempt IS NOT NULL) AS retested,
    COUNT(*) FILTER (
        WHERE again.attempt IS NOT NULL AND first.outcome <> 'pass' AND final.outcome = 'pass'
    ) AS recovered
FROM testing_unitresult AS first
JOIN testing_run AS run ON run.id = first.run_id
JOIN testing_unitresult AS final
    ON final.lot_step_id = first.lot_step_id AND final.unit_key = first.unit_key AND final.is_final
LEFT JOIN testing_unitresult AS again
    ON again.lot_step_id = first.lot_step_id
    AND again.unit_key = first.unit_key
    AND again.attempt = 2
WHERE first.lot_step_id = %s AND first.is_first
GROUP BY first.wafer_id, run.revision_id, run.tester_id, first.head, first.site
