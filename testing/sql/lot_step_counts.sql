-- Units of lot steps by first and deciding insertion: of the whole lot step, and sliced by wafer,
-- program revision and tester site. A unit belongs to the slice it was first inserted in.
-- One pass over the insertions and no self-join: right after a load the planner still takes the
-- table to be empty.
-- Inputs: array lot_step_ids.
-- Rows: per lot step one for the lot, one for each wafer, revision, and head and site.
SELECT
    unit.lot_step_id,
    CASE GROUPING(unit.wafer_id, run.revision_id, unit.site)
        WHEN 7 THEN 'lot'
        WHEN 3 THEN 'wafer'
        WHEN 5 THEN 'program'
        ELSE 'site'
    END AS scope,
    unit.wafer_id,
    run.revision_id,
    unit.head,
    unit.site,
    COUNT(*) AS tested,
    COUNT(*) FILTER (WHERE unit.first_passed) AS first_passed,
    COUNT(*) FILTER (WHERE unit.final_passed) AS final_passed,
    COUNT(*) FILTER (WHERE unit.final_attempt > 1) AS retested,
    COUNT(*) FILTER (WHERE unit.final_passed AND NOT unit.first_passed) AS recovered
FROM (
    SELECT
        lot_step_id,
        MAX(run_id) FILTER (WHERE is_first) AS run_id,
        MAX(wafer_id) FILTER (WHERE is_first) AS wafer_id,
        MAX(head) FILTER (WHERE is_first) AS head,
        MAX(site) FILTER (WHERE is_first) AS site,
        MAX(attempt) FILTER (WHERE is_final) AS final_attempt,
        BOOL_OR(is_first AND outcome = 'pass') AS first_passed,
        BOOL_OR(is_final AND outcome = 'pass') AS final_passed
    FROM testing_unitresult
    WHERE lot_step_id = ANY(%(lot_step_ids)s)
    GROUP BY lot_step_id, unit_key
    HAVING BOOL_OR(is_final)
) AS unit
JOIN testing_run AS run ON run.id = unit.run_id
GROUP BY unit.lot_step_id,
    GROUPING SETS ((), (unit.wafer_id), (run.revision_id), (unit.head, unit.site))
ORDER BY unit.lot_step_id, scope, unit.wafer_id, run.revision_id, unit.head, unit.site
