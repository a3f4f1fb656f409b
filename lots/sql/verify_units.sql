-- Purpose: the first unit or wafer that is not where, what or how the ledger tells of it.
-- Inputs:  the tables of verify_units_prepare. Rows expected: none, or one: seq of the event, what is wrong.
-- Births tell how many and, since that is kept, a hash of their serials with what is fixed at birth. What a corrected one
-- made is withdrawn, until something else makes it known.
WITH known AS (
    SELECT
        unit.id, unit.serial, unit.kind, unit.lot_id, unit.product_id, unit.wafer_id, unit.x, unit.y, unit.state,
        unit.trust, unit.created_by_id, removed.seq AS removed_seq, removed.state AS removed_state,
        event.seq, event.verb, event.lot_id AS born_in, EXISTS (
            SELECT FROM lots_event AS undo WHERE undo.corrects_id = event.id AND undo.verb = 'correct'
        ) AS is_undone,
        CASE event.verb
            WHEN 'dice' THEN unit.serial || E'\t' || CASE WHEN removed.seq IS NULL THEN unit.state ELSE 'good' END
            ELSE unit.serial || E'\t' || unit.declared_lot || E'\t' || unit.declared_wafer
        END AS born_as
    FROM lots_unit AS unit
    JOIN lots_event AS event ON event.id = unit.created_by_id
    LEFT JOIN verify_removed AS removed ON removed.unit_id = unit.id
),
unit AS (
    SELECT * FROM known WHERE NOT is_undone
),
born AS (
    SELECT
        created_by_id, COUNT(*) AS count,
        ENCODE(SHA256(CONVERT_TO(STRING_AGG(born_as, E'\n' ORDER BY born_as COLLATE "C"), 'UTF8')), 'hex') AS sha256
    FROM unit
    GROUP BY created_by_id
),
birth AS (
    SELECT
        event.id, event.seq, event.payload ->> 'units_sha256' AS sha256, product.id AS die_product_id,
        CASE event.verb WHEN 'receive' THEN event.payload ->> 'trust' ELSE 'seen' END AS trust,
        CASE event.verb
            WHEN 'receive' THEN (event.payload ->> 'serials')::bigint
            WHEN 'assemble' THEN (event.payload ->> 'builds')::bigint
            ELSE (
                SELECT SUM(line.quantity) FROM lots_eventline AS line
                WHERE line.event_id = event.id AND line.kind = 'produced'
            )
        END AS count
    FROM lots_event AS event
    LEFT JOIN lots_product AS product ON event.verb = 'dice' AND product.code = event.payload ->> 'die_product'
    WHERE (event.verb IN ('assemble', 'dice') OR (event.verb = 'receive' AND event.step_from_id IS NULL))
        AND NOT EXISTS (SELECT FROM lots_event AS undo WHERE undo.corrects_id = event.id AND undo.verb = 'correct')
),
stands AS (
    SELECT
        unit.*, COALESCE(last.seq, unit.seq) AS told_seq, COALESCE(last.lot_id, unit.born_in) AS told_lot_id,
        COALESCE(last.product_id, birth.die_product_id, born_lot.product_id) AS told_product_id
    FROM unit
    JOIN lots_lot AS born_lot ON born_lot.id = unit.born_in
    LEFT JOIN birth ON birth.id = unit.created_by_id
    LEFT JOIN LATERAL (
        SELECT path.seq, path.lot_id, path.product_id FROM verify_path AS path
        WHERE path.unit_id = unit.id
        ORDER BY path.seq DESC
        LIMIT 1
    ) AS last ON TRUE
),
faults (seq, is_sum, what) AS (
    SELECT known.seq, FALSE, FORMAT(
        'unit %s says %s in lot %s, its ledger took back the %s that made it', known.serial, known.state,
        COALESCE(lot.code, 'none'), known.verb
    )
    FROM known
    LEFT JOIN lots_lot AS lot ON lot.id = known.lot_id
    WHERE known.is_undone AND (known.state <> 'withdrawn' OR known.lot_id IS NOT NULL)
    UNION ALL
    SELECT birth.seq, TRUE, FORMAT('%s units say they were made by it, its ledger says %s', COALESCE(born.count, 0), birth.count)
    FROM birth
    LEFT JOIN born ON born.created_by_id = birth.id
    WHERE COALESCE(born.count, 0) <> birth.count
    UNION ALL
    SELECT unit.seq, FALSE, FORMAT('unit %s says it was made by a %s, which makes none', unit.serial, unit.verb)
    FROM unit
    WHERE NOT EXISTS (SELECT FROM birth WHERE birth.id = unit.created_by_id)
    UNION ALL
    SELECT unit.seq, FALSE, FORMAT(
        'unit %s says wafer %s, X %s, Y %s, its ledger says what its serial does', unit.serial, wafer.code, unit.x, unit.y
    )
    FROM unit
    LEFT JOIN lots_wafer AS wafer ON wafer.id = unit.wafer_id
    WHERE (unit.verb = 'dice' OR unit.wafer_id IS NOT NULL)
        AND unit.serial IS DISTINCT FROM wafer.code || ':' || unit.x || ':' || unit.y
    UNION ALL
    SELECT stands.told_seq, FALSE, FORMAT(
        'unit %s says lot %s, its ledger says lot %s', stands.serial, COALESCE(lot.code, 'none'), told.code
    )
    FROM stands
    JOIN lots_lot AS told ON told.id = stands.told_lot_id
    LEFT JOIN lots_lot AS lot ON lot.id = stands.lot_id
    WHERE stands.lot_id IS DISTINCT FROM stands.told_lot_id
    UNION ALL
    SELECT stands.told_seq, FALSE, FORMAT(
        'unit %s says it is %s %s, its ledger says %s %s', stands.serial, stands.kind, product.code, told.kind, told.code
    )
    FROM stands
    JOIN lots_product AS product ON product.id = stands.product_id
    JOIN lots_product AS told ON told.id = stands.told_product_id
    WHERE (stands.product_id, stands.kind) <> (told.id, told.kind)
    UNION ALL
    SELECT COALESCE(unit.removed_seq, unit.seq), FALSE, FORMAT(
        'unit %s says %s, its ledger says %s', unit.serial, unit.state, COALESCE(unit.removed_state, 'good')
    )
    FROM unit
    WHERE unit.state <> COALESCE(unit.removed_state, 'good')
        AND NOT (unit.verb = 'dice' AND unit.removed_state IS NULL AND unit.state = 'reject')
    UNION ALL
    SELECT unit.seq, FALSE, FORMAT('unit %s says its origin is %s, its ledger says %s', unit.serial, unit.trust, birth.trust)
    FROM unit
    JOIN birth ON birth.id = unit.created_by_id
    WHERE unit.trust <> birth.trust
    UNION ALL
    SELECT birth.seq, TRUE, FORMAT(
        'units it made are otherwise than its ledger says: sha256 %s, told %s', LEFT(born.sha256, 12), LEFT(birth.sha256, 12)
    )
    FROM birth
    JOIN born ON born.created_by_id = birth.id
    WHERE born.sha256 <> birth.sha256 AND (born.count = birth.count OR birth.count IS NULL)
)
SELECT faults.seq, faults.what FROM faults ORDER BY faults.is_sum, faults.seq, faults.what LIMIT 1
