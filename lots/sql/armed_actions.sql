-- Purpose: future actions that an event of a lot sets off: the lot's own, those of lots it was split from that are
-- meant once for all of them or again and again, and its product's. A stop is copied to what is split off; what names
-- wafers or serials goes with these.
-- A step is known by its route and its code, so that a plan outlives the version it was made on. What waits at a
-- step between the two that the event joins is set off too, in the order of the version arrived at.
-- Inputs: lot, product, step_from, step_to (bigint or null), verb. Rows: id and the step jumped over or '', in order;
-- mostly none.
WITH RECURSIVE family (lot_id) AS (
    SELECT %(lot)s::bigint
    UNION
    SELECT lineage.parent_id
    FROM family
    JOIN lots_lotlineage AS lineage ON lineage.child_id = family.lot_id
    WHERE lineage.kind IN ('split', 'bin')
),
armed AS (
    SELECT action.*
    FROM family
    JOIN lots_futureaction AS action ON action.lot_id = family.lot_id AND action.state = 'armed'
    WHERE action.lot_id = %(lot)s::bigint
        OR (
            (action.is_repeated OR action.verb = 'split')
            AND NOT JSONB_EXISTS_ANY(action."order", ARRAY['wafers', 'serials'])
        )
    UNION ALL
    SELECT action.*
    FROM lots_futureaction AS action
    WHERE action.product_id = %(product)s AND action.state = 'armed'
),
ends AS (
    SELECT
        start.code AS code_from,
        start_version.route_id AS route_from,
        finish.code AS code_to,
        finish_version.route_id AS route_to,
        finish.route_version_id AS version_to,
        finish.sequence AS sequence_to,
        CASE WHEN start_version.route_id = finish_version.route_id AND NOT finish_version.is_free
            THEN COALESCE(same.sequence, start.sequence)
        END AS sequence_from
    FROM lots_step AS finish
    JOIN lots_routeversion AS finish_version ON finish_version.id = finish.route_version_id
    LEFT JOIN lots_step AS start ON start.id = %(step_from)s::bigint
    LEFT JOIN lots_routeversion AS start_version ON start_version.id = start.route_version_id
    LEFT JOIN lots_step AS same ON same.route_version_id = finish.route_version_id AND same.code = start.code
    WHERE finish.id = %(step_to)s::bigint AND %(verb)s NOT IN ('correct', 'late-move')
),
planned AS (
    SELECT
        armed.id,
        armed.trigger,
        armed.on_verb,
        ends.code_to IS NOT NULL AS is_moved,
        (version.route_id, step.code) = (ends.route_to, ends.code_to) AS is_end,
        (version.route_id, step.code) = (ends.route_from, ends.code_from) AS is_start,
        version.route_id = ends.route_to
        AND here.sequence > ends.sequence_from
        AND here.sequence < ends.sequence_to AS is_jumped,
        step.code
    FROM armed
    LEFT JOIN ends ON TRUE
    LEFT JOIN lots_step AS step ON step.id = armed.step_id
    LEFT JOIN lots_routeversion AS version ON version.id = step.route_version_id
    LEFT JOIN lots_step AS here ON here.route_version_id = ends.version_to AND here.code = step.code
)
SELECT id, CASE WHEN is_jumped THEN code ELSE '' END
FROM planned
WHERE CASE trigger
    WHEN 'arrives' THEN is_moved AND (is_jumped OR is_end AND is_start IS DISTINCT FROM TRUE)
    WHEN 'leaves' THEN is_moved AND (is_jumped OR is_start AND is_end IS DISTINCT FROM TRUE)
    ELSE on_verb = %(verb)s
END
ORDER BY id
