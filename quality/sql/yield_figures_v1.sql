-- Purpose: what the current figures of lot steps must say, from the parts.
-- Inputs: lot_step_ids (array), or null for every lot step.
-- Rows: lot step, scope and key with five counts, as `YieldFigure` has them.

SELECT
    lot_step_id,
    CASE slice WHEN 'whole' THEN 'lot' ELSE slice END AS scope,
    slice_key, tested, first_passed, final_passed, retested, recovered
FROM quality_yieldpart
WHERE slice IN ('whole', 'wafer', 'program', 'site')
    AND (%(lot_step_ids)s::bigint[] IS NULL OR lot_step_id = ANY(%(lot_step_ids)s::bigint[]))
