-- Purpose: what the yield of a lot step rests on: where it is added up, rows used and left out, sums.
-- Inputs: lot_step_ids (array), or null for every lot step. Rows: one per lot step that has parts.

WITH used AS (
    SELECT
        lot_step_id,
        SUM(rejected_count)
            + COALESCE(SUM(insertion_count) FILTER (WHERE superseded_by_id IS NOT NULL), 0)
            AS left_out_count
    FROM testing_run
    WHERE NOT is_withdrawn
        AND (%(lot_step_ids)s::bigint[] IS NULL OR lot_step_id = ANY(%(lot_step_ids)s::bigint[]))
    GROUP BY lot_step_id
),
charged AS (
    SELECT load.lot_step_id, COUNT(*) AS insertion_count
    FROM testing_burninrun AS load
    JOIN testing_burninunit AS unit ON unit.run_id = load.id
    WHERE %(lot_step_ids)s::bigint[] IS NULL OR load.lot_step_id = ANY(%(lot_step_ids)s::bigint[])
    GROUP BY load.lot_step_id
)
SELECT
    lot_step.id AS lot_step_id, lot.product_id, step.code AS step_code,
    DATE_TRUNC(
        'week', COALESCE(lot_step.first_started_at, lot_step.changed_at) AT TIME ZONE 'UTC'
    )::date AS week,
    lot.purpose <> 'engineering' AS is_counted,
    lot_step.revision, lot_step.policy,
    CASE WHEN used.lot_step_id IS NULL THEN COALESCE(charged.insertion_count, 0)
        ELSE lot_step.insertion_count END AS insertion_count,
    COALESCE(used.left_out_count, 0)::bigint AS left_out_count,
    total.tested, total.first_passed, total.final_passed, total.retested, total.recovered,
    total.first_prime, total.final_prime, total.recovered_prime
FROM quality_yieldpart AS total
JOIN testing_lotstep AS lot_step ON lot_step.id = total.lot_step_id
JOIN lots_lot AS lot ON lot.id = lot_step.lot_id
JOIN lots_step AS step ON step.id = lot_step.step_id
LEFT JOIN used ON used.lot_step_id = lot_step.id
LEFT JOIN charged ON charged.lot_step_id = lot_step.id
WHERE total.slice = 'whole'
    AND (%(lot_step_ids)s::bigint[] IS NULL OR total.lot_step_id = ANY(%(lot_step_ids)s::bigint[]))
ORDER BY lot_step.id
