-- What the lots before were tested at, for lot steps to be judged: the median of each, oldest first.
-- Inputs: lot_step_ids bigint[], window_lots int, detector text. Rows: judged lot step id, code of the lot before, its
-- median in degrees Celsius; at most window_lots for each judged lot step.
-- Before are other lots of the product at a step of that code, first tested earlier, of runs that count and state a
-- temperature; of those that began at one instant, in order of codes. Left out: engineering lots, and lots with an
-- issue of the detector there, unless it is dismissed or resolved itself when it was no longer found.
SELECT judged.id, before.code, usual.celsius
FROM testing_lotstep AS judged
JOIN lots_lot AS lot ON lot.id = judged.lot_id
JOIN lots_step AS step ON step.id = judged.step_id
CROSS JOIN LATERAL (
    SELECT other.id, other_lot.code, other.first_started_at
    FROM testing_lotstep AS other
    JOIN lots_lot AS other_lot ON other_lot.id = other.lot_id
    JOIN lots_step AS other_step ON other_step.id = other.step_id
    WHERE other_lot.product_id = lot.product_id
        AND other_step.code = step.code
        AND other_lot.purpose <> 'engineering'
        AND other.lot_id <> judged.lot_id
        AND (other.first_started_at, other_lot.code COLLATE "C", other.id)
            < (judged.first_started_at, lot.code COLLATE "C", judged.id)
        AND EXISTS (
            SELECT
            FROM testing_run AS run
            WHERE run.lot_step_id = other.id
                AND run.superseded_by_id IS NULL
                AND NOT run.is_withdrawn
                AND run.temperature_celsius IS NOT NULL
        )
        AND NOT EXISTS (
            SELECT
            FROM quality_issue AS issue
            JOIN quality_rule AS rule ON rule.id = issue.rule_id
            WHERE rule.detector = %(detector)s
                AND issue.lot_id = other.lot_id
                AND issue.step_id = other.step_id
                AND issue.state <> 'dismissed'
                AND (issue.is_found OR issue.closed_by_id IS NOT NULL)
        )
    ORDER BY other.first_started_at DESC, other_lot.code COLLATE "C" DESC, other.id DESC
    LIMIT %(window_lots)s
) AS before
CROSS JOIN LATERAL (
    SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY run.temperature_celsius) AS celsius
    FROM testing_run AS run
    WHERE run.lot_step_id = before.id
        AND run.superseded_by_id IS NULL
        AND NOT run.is_withdrawn
        AND run.temperature_celsius IS NOT NULL
) AS usual
WHERE judged.id = ANY(%(lot_step_ids)s)
ORDER BY judged.id, before.first_started_at, before.code COLLATE "C", before.id
