-- Purpose: counts of one lot at one step in the finest cells that yields are pooled from.
-- Inputs: lot_step_id. Rows: wafers x programs x testers x sites, at most some hundreds.
-- A unit belongs to the cell of its first insertion, whatever decided it later. One pass over the
-- insertions and no self-join: right after a load the planner still takes the table to be empty.

SELECT
    unit.wafer_id,
    run.revision_id,
    run.tester_id,
    unit.head,
    unit.site,
    COUNT(*) AS tested,
    COUNT(*) FILTER (WHERE unit.first_passed) AS first_passed,
    COUNT(*) FILTER (WHERE unit.final_passed) AS final_passed,
    COUNT(*) FILTER (WHERE unit.retested) AS retested,
    COUNT(*) FILTER (WHERE unit.retested AND unit.final_passed AND NOT unit.first_passed) AS recovered
FROM (
    SELECT
        MAX(run_id) FILTER (WHERE is_first) AS run_id,
        MAX(wafer_id) FILTER (WHERE is_first) AS wafer_id,
        MAX(head) FILTER (WHERE is_first) AS head,
        MAX(site) FILTER (WHERE is_first) AS site,
        BOOL_OR(is_first AND outcome = 'pass') AS first_passed,
        BOOL_OR(is_final AND outcome = 'pass') AS final_passed,
        BOOL_OR(attempt = 2) AS retested
    FROM testing_unitresult
    WHERE lot_step_id = %s
    GROUP BY unit_key
    HAVING BOOL_OR(is_final)
) AS unit
JOIN testing_run AS run ON run.id = unit.run_id
GROUP BY unit.wafer_id, run.revision_id, run.tester_id, unit.head, unit.site
