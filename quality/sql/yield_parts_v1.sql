-- Purpose: counts of lot steps, as wholes and told apart by wafer, zone, program, tester, site, card,
-- board and oven.
-- Inputs: lot_step_ids (array), or null for every lot step.
-- Rows: one per lot step, slice and key; some tens per lot step.
-- A unit belongs to the slice of its first insertion, whatever decided it later. One pass over the
-- insertions and no self-join: right after a load the planner still takes the table to be empty.
-- Zones are rings about the middle of the outermost columns and rows that the lot was tested at.
-- Oven loads count where a lot step has no insertions.

WITH place AS (
    SELECT
        lot_step.id AS lot_step_id,
        lot.product_id,
        step.code AS step_code,
        COALESCE(product.die_width_mm, 1) AS width,
        COALESCE(product.die_height_mm, 1) AS height,
        ARRAY(
            SELECT hard_bin FROM quality_downbin AS bin
            WHERE bin.product_id = lot.product_id AND bin.step_code = step.code
        ) AS down_bins
    FROM testing_lotstep AS lot_step
    JOIN lots_lot AS lot ON lot.id = lot_step.lot_id
    JOIN lots_step AS step ON step.id = lot_step.step_id
    JOIN lots_product AS product ON product.id = lot.product_id
    WHERE %(lot_step_ids)s::bigint[] IS NULL OR lot_step.id = ANY(%(lot_step_ids)s::bigint[])
),
unit AS MATERIALIZED (
    SELECT
        lot_step_id,
        MAX(run_id) FILTER (WHERE is_first) AS run_id,
        MAX(wafer_id) FILTER (WHERE is_first) AS wafer_id,
        MAX(head) FILTER (WHERE is_first) AS head,
        MAX(site) FILTER (WHERE is_first) AS site,
        MAX(x) FILTER (WHERE is_first) AS x,
        MAX(y) FILTER (WHERE is_first) AS y,
        MAX(hard_bin) FILTER (WHERE is_first) AS first_bin,
        MAX(hard_bin) FILTER (WHERE is_final) AS final_bin,
        BOOL_OR(is_first AND outcome = 'pass') AS first_passed,
        BOOL_OR(is_final AND outcome = 'pass') AS final_passed,
        BOOL_OR(attempt = 2) AS retested
    FROM testing_unitresult
    WHERE attempt IS NOT NULL
        AND (%(lot_step_ids)s::bigint[] IS NULL OR lot_step_id = ANY(%(lot_step_ids)s::bigint[]))
    GROUP BY lot_step_id, unit_key
    HAVING BOOL_OR(is_final)
),
frame AS MATERIALIZED (
    SELECT
        place.*,
        extent.middle_x,
        extent.middle_y,
        NULLIF(GREATEST(extent.columns * place.width, extent.rows * place.height) / 2, 0) AS reach
    FROM place
    LEFT JOIN (
        SELECT
            lot_step_id,
            (MIN(x) + MAX(x)) / 2.0::float8 AS middle_x,
            (MIN(y) + MAX(y)) / 2.0::float8 AS middle_y,
            MAX(x) - MIN(x) AS columns,
            MAX(y) - MIN(y) AS rows
        FROM unit
        WHERE wafer_id IS NOT NULL AND x IS NOT NULL AND y IS NOT NULL
        GROUP BY lot_step_id
    ) AS extent ON extent.lot_step_id = place.lot_step_id
),
placed AS (
    SELECT
        unit.*,
        first_passed AND (first_bin IS NULL OR NOT first_bin = ANY(frame.down_bins)) AS first_prime,
        final_passed AND (final_bin IS NULL OR NOT final_bin = ANY(frame.down_bins)) AS final_prime,
        retested AND final_passed AND NOT first_passed AS recovered,
        CASE WHEN unit.wafer_id IS NOT NULL AND unit.x IS NOT NULL AND unit.y IS NOT NULL THEN
            COALESCE(SQRT(
                POWER((unit.x - frame.middle_x) * frame.width, 2)
                + POWER((unit.y - frame.middle_y) * frame.height, 2)
            ) / frame.reach, 0)
        END AS radius
    FROM unit
    JOIN frame ON frame.lot_step_id = unit.lot_step_id
),
judged AS (
    SELECT
        placed.*,
        CASE
            WHEN radius <= 0.5 THEN 'centre'
            WHEN radius <= 0.75 THEN 'middle'
            WHEN radius <= 0.9 THEN 'outer'
            WHEN radius IS NOT NULL THEN 'edge'
            ELSE ''
        END AS zone
    FROM placed
),
cell AS MATERIALIZED (
    SELECT
        lot_step_id, GROUPING(zone) = 0 AS is_by_place, wafer_id, zone, run_id, head, site,
        COUNT(*) AS tested,
        COUNT(*) FILTER (WHERE first_passed) AS first_passed,
        COUNT(*) FILTER (WHERE final_passed) AS final_passed,
        COUNT(*) FILTER (WHERE retested) AS retested,
        COUNT(*) FILTER (WHERE recovered) AS recovered,
        COUNT(*) FILTER (WHERE first_prime) AS first_prime,
        COUNT(*) FILTER (WHERE final_prime) AS final_prime,
        COUNT(*) FILTER (WHERE recovered AND final_prime) AS recovered_prime
    FROM judged
    GROUP BY GROUPING SETS (
        (lot_step_id, wafer_id, zone), (lot_step_id, run_id, head, site)
    )
),
oven_unit AS (
    SELECT
        load.lot_step_id,
        (ARRAY_AGG(load.oven_id ORDER BY charged.inserted_at, charged.id))[1] AS oven_id,
        (ARRAY_AGG(charged.outcome = 'pass' ORDER BY charged.inserted_at, charged.id))[1]
            AS first_passed,
        (ARRAY_AGG(charged.outcome = 'pass' ORDER BY charged.inserted_at DESC, charged.id DESC))[1]
            AS final_passed,
        COUNT(*) > 1 AS retested
    FROM testing_burninunit AS charged
    JOIN testing_burninrun AS load ON load.id = charged.run_id
    JOIN place ON place.lot_step_id = load.lot_step_id
    WHERE NOT EXISTS (
        SELECT FROM testing_unitresult AS result
        WHERE result.lot_step_id = load.lot_step_id AND result.is_final
    )
    GROUP BY load.lot_step_id, charged.unit_id
),
baked AS (
    SELECT
        lot_step_id, oven_id,
        COUNT(*) AS tested,
        COUNT(*) FILTER (WHERE first_passed) AS first_passed,
        COUNT(*) FILTER (WHERE final_passed) AS final_passed,
        COUNT(*) FILTER (WHERE retested) AS retested,
        COUNT(*) FILTER (WHERE final_passed AND NOT first_passed) AS recovered
    FROM oven_unit
    GROUP BY lot_step_id, oven_id
),
part AS (
    SELECT
        cell.lot_step_id, told.slice, told.slice_key,
        tested, first_passed, final_passed, retested, recovered,
        first_prime, final_prime, recovered_prime
    FROM cell
    LEFT JOIN testing_run AS run ON run.id = cell.run_id
    LEFT JOIN testing_equipment AS tester ON tester.id = run.tester_id
    LEFT JOIN testing_equipment AS card ON card.id = run.probe_card_id
    LEFT JOIN testing_equipment AS board ON board.id = run.load_board_id
    LEFT JOIN lots_wafer AS wafer ON wafer.id = cell.wafer_id
    CROSS JOIN LATERAL (VALUES
        (TRUE, 'wafer', wafer.code),
        (TRUE, 'zone', NULLIF(cell.zone, '')),
        (FALSE, 'whole', ''),
        (FALSE, 'tester', tester.code),
        (FALSE, 'site', tester.code || '/' || cell.head || '/' || cell.site),
        (FALSE, 'card', card.code),
        (FALSE, 'board', board.code),
        (FALSE, 'program', run.revision_id::text)
    ) AS told (is_by_place, slice, slice_key)
    WHERE told.is_by_place = cell.is_by_place AND told.slice_key IS NOT NULL
    UNION ALL
    SELECT
        baked.lot_step_id, told.slice, told.slice_key,
        tested, first_passed, final_passed, retested, recovered,
        first_passed, final_passed, recovered
    FROM baked
    JOIN testing_equipment AS oven ON oven.id = baked.oven_id
    CROSS JOIN LATERAL (VALUES ('whole', ''), ('oven', oven.code)) AS told (slice, slice_key)
)
SELECT
    lot_step_id, slice, slice_key,
    SUM(tested)::bigint AS tested,
    SUM(first_passed)::bigint AS first_passed,
    SUM(final_passed)::bigint AS final_passed,
    SUM(retested)::bigint AS retested,
    SUM(recovered)::bigint AS recovered,
    SUM(first_prime)::bigint AS first_prime,
    SUM(final_prime)::bigint AS final_prime,
    SUM(recovered_prime)::bigint AS recovered_prime
FROM part
GROUP BY lot_step_id, slice, slice_key
