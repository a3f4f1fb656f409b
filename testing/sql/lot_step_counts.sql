-- Units of lot steps by first and deciding insertion: of the whole lot step, and sliced by wafer,
-- program revision and tester site. A unit belongs to the slice it was first inserted in.
-- Inputs: array lot_step_ids.
-- Rows: per lot step one for the lot, one for each wafer, revision, and head and site.
SELECT
    first.lot_step_id,
    CASE GROUPING(first.wafer_id, run.revision_id, first.site)
        WHEN 7 THEN 'lot'
        WHEN 3 THEN 'wafer'
        WHEN 5 THEN 'program'
        ELSE 'site'
    END AS scope,
    first.wafer_id,
    run.revision_id,
    first.head,
    first.site,
    COUNT(*) AS tested,
    COUNT(*) FILTER (WHERE first.outcome = 'pass') AS first_passed,
    COUNT(*) FILTER (WHERE final.outcome = 'pass') AS final_passed,
    COUNT(*) FILTER (WHERE final.attempt > 1) AS retested,
    COUNT(*) FILTER (WHERE first.outcome <> 'pass' AND final.outcome = 'pass') AS recovered
FROM testing_unitresult AS first
JOIN testing_unitresult AS final
    ON final.lot_step_id = first.lot_step_id
    AND final.unit_key = first.unit_key
    AND final.is_final
JOIN testing_run AS run
    ON run.id = first.run_id
WHERE first.lot_step_id = ANY(%(lot_step_ids)s)
    AND first.is_first
GROUP BY first.lot_step_id,
    GROUPING SETS ((), (first.wafer_id), (run.revision_id), (first.head, first.site))
ORDER BY first.lot_step_id, scope, first.wafer_id, run.revision_id, first.head, first.site
