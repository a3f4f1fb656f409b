-- Purpose: everything that traces to the suspects, each once, and where it is now; the walk starts at the suspects
-- and goes up. First half of a statement: another file goes on with the SELECT.
-- Inputs: lot_ids, wafer_ids, unit_ids bigint[], depth_max, case (null, or a recall whose listed units stay suspect
-- until a person settles them). A lot stands for what was split, merged or binned from
-- it too, but for that only since the suspects came there, and not for what another lot had built in before it merged
-- with it; for single units swapped out of what it was built into; and for all that an assembly built with material
-- without serials from it, as is told now; a die or component for the package it is in. Rows of reach: one per unit,
-- and per lot (or wafers of it) for what has no serial, and once more for such as is missing. A unit in a rack slot counts as in place whatever its state
-- says. What was taken back, because its receipt, cutting or assembly was a mistake, is no unit.
-- LIMIT in a lateral subquery makes each step an index lookup: the planner cannot know how few rows a walk has, and
-- would read whole tables of the fleet instead.
WITH RECURSIVE came (lot_id, since_seq) AS (
    SELECT suspect.lot_id, 0::bigint
    FROM UNNEST(%(lot_ids)s::bigint[]) AS suspect (lot_id)
    UNION
    SELECT link.child_id, event.seq
    FROM came
    JOIN lots_lotlineage AS link ON link.parent_id = came.lot_id AND link.kind IN ('split', 'merge', 'bin')
    CROSS JOIN LATERAL (SELECT one.seq FROM lots_event AS one WHERE one.id = link.event_id LIMIT 1) AS event
    WHERE event.seq > came.since_seq
),
descent (lot_id, since_seq, is_mixed) AS (
    SELECT
        came.lot_id, MIN(came.since_seq),
        EXISTS (SELECT FROM lots_lotlineage AS link WHERE link.child_id = came.lot_id AND link.kind = 'merge')
    FROM came
    GROUP BY came.lot_id
),
suspect (unit_id, kind) AS (
    SELECT unit.id, unit.kind
    FROM descent
    JOIN lots_unit AS unit ON unit.lot_id = descent.lot_id
    WHERE NOT descent.is_mixed OR NOT EXISTS (
        SELECT FROM lots_genealogy AS edge
        JOIN lots_event AS opened ON opened.id = edge.opened_by_id
        JOIN lots_eventline AS line ON line.event_id = opened.id AND line.kind = 'consumed'
            AND NOT EXISTS (
                SELECT FROM lots_materialuse AS used WHERE used.event_id = line.event_id AND used.lot_id = line.lot_id
            )
        LEFT JOIN descent AS giver
            ON giver.lot_id = line.lot_id AND giver.since_seq < opened.seq
        WHERE edge.child_id = unit.id AND edge.valid_to IS NULL
        GROUP BY edge.id
        HAVING COUNT(giver.lot_id) = 0
    )
    UNION
    SELECT unit.id, unit.kind
    FROM descent
    JOIN lots_lotlineage AS link ON link.parent_id = descent.lot_id AND link.kind = 'swap'
    CROSS JOIN LATERAL (SELECT one.seq FROM lots_event AS one WHERE one.id = link.event_id LIMIT 1) AS event
    CROSS JOIN LATERAL (
        SELECT edge.child_id
        FROM lots_genealogy AS edge
        WHERE edge.closed_by_id = link.event_id
        LIMIT 1
    ) AS removed
    JOIN lots_unit AS unit ON unit.id = removed.child_id
    WHERE event.seq > descent.since_seq
    UNION
    SELECT built.id, built.kind
    FROM descent
    JOIN lots_material_used_v2 AS used ON used.lot_id = descent.lot_id
    CROSS JOIN LATERAL (SELECT one.seq FROM lots_event AS one WHERE one.id = used.event_id LIMIT 1) AS event
    CROSS JOIN LATERAL (
        SELECT unit.id, unit.kind
        FROM lots_unit AS unit
        WHERE unit.created_by_id = used.event_id
        OFFSET 0
    ) AS built
    WHERE GREATEST(event.seq, used.added_seq) > descent.since_seq
    UNION
    SELECT unit.id, unit.kind
    FROM lots_unit AS unit
    WHERE unit.wafer_id = ANY(%(wafer_ids)s::bigint[]) AND unit.state <> 'withdrawn'
    UNION
    SELECT unit.id, unit.kind
    FROM lots_unit AS unit
    WHERE unit.id = ANY(%(unit_ids)s::bigint[]) AND unit.state <> 'withdrawn'
    UNION
    SELECT unit.id, unit.kind
    FROM operations_recallitem AS item
    JOIN lots_unit AS unit ON unit.id = item.unit_id AND unit.state <> 'withdrawn'
    WHERE item.case_id = %(case)s::bigint AND item.settled_by_id IS NULL
),
climb (suspect_id, unit_id, kind) AS (
    SELECT suspect.unit_id, suspect.unit_id, suspect.kind
    FROM suspect
    UNION ALL
    SELECT climb.suspect_id, parent.id, parent.kind
    FROM climb
    CROSS JOIN LATERAL (
        SELECT edge.parent_id
        FROM lots_genealogy AS edge
        WHERE edge.child_id = climb.unit_id AND edge.valid_to IS NULL
        LIMIT 1
    ) AS link
    CROSS JOIN LATERAL (SELECT unit.id, unit.kind FROM lots_unit AS unit WHERE unit.id = link.parent_id LIMIT 1) AS parent
    WHERE climb.kind IN ('die', 'component')
),
affected (unit_id) AS (
    SELECT DISTINCT COALESCE(package.unit_id, suspect.unit_id)
    FROM suspect
    LEFT JOIN climb AS package ON package.suspect_id = suspect.unit_id AND package.kind = 'package'
),
above (affected_id, unit_id, depth) AS (
    SELECT affected.unit_id, affected.unit_id, 0
    FROM affected
    UNION ALL
    SELECT above.affected_id, link.parent_id, above.depth + 1
    FROM above
    CROSS JOIN LATERAL (
        SELECT edge.parent_id
        FROM lots_genealogy AS edge
        WHERE edge.child_id = above.unit_id AND edge.valid_to IS NULL
        LIMIT 1
    ) AS link
    WHERE above.depth < %(depth_max)s
),
standing AS (
    SELECT
        above.affected_id,
        MAX(unit.kind) FILTER (WHERE above.depth = 0) AS kind,
        MAX(unit.lot_id) FILTER (WHERE above.depth = 0) AS own_lot_id,
        MAX(unit.id) FILTER (WHERE unit.kind = 'ultraserver') AS ultraserver_id,
        MAX(placement.slot_id) AS slot_id,
        (ARRAY_AGG(lot.id ORDER BY above.depth DESC) FILTER (WHERE lot.id IS NOT NULL))[1] AS lot_id,
        (ARRAY_AGG(lot.customer ORDER BY above.depth DESC) FILTER (WHERE lot.customer <> ''))[1] AS customer,
        BOOL_OR(unit.state = 'scrapped' OR (unit.state = 'reject' AND above.depth = 0)) AS is_bad,
        BOOL_OR(unit.state = 'missing') AS is_missing,
        BOOL_AND(above.depth = 0 AND unit.state = 'good') AS is_free_good
    FROM above
    CROSS JOIN LATERAL (
        SELECT part.id, part.kind, part.state, part.lot_id FROM lots_unit AS part WHERE part.id = above.unit_id LIMIT 1
    ) AS unit
    LEFT JOIN LATERAL (SELECT one.id, one.customer FROM lots_lot AS one WHERE one.id = unit.lot_id LIMIT 1) AS lot ON TRUE
    LEFT JOIN LATERAL (
        SELECT open.slot_id
        FROM racks_placement AS open
        WHERE open.unit_id = unit.id AND open.valid_to IS NULL
        LIMIT 1
    ) AS placement ON TRUE
    GROUP BY above.affected_id
),
named (lot_id, kind, quantity) AS (
    SELECT standing.own_lot_id, standing.kind, COUNT(*)
    FROM standing
    WHERE standing.is_free_good
    GROUP BY standing.own_lot_id, standing.kind
),
loose (lot_id, kind, quantity) AS (
    SELECT lot.id, lot.unit_of_measure, lot.quantity - COALESCE(named.quantity, 0)
    FROM descent
    JOIN lots_lot AS lot ON lot.id = descent.lot_id AND lot.quantity > 0
    LEFT JOIN named ON named.lot_id = lot.id AND named.kind = lot.unit_of_measure
    WHERE lot.quantity > COALESCE(named.quantity, 0)
    UNION ALL
    SELECT wafer.lot_id, 'wafer', COUNT(*)
    FROM lots_wafer AS wafer
    WHERE wafer.id = ANY(%(wafer_ids)s::bigint[])
        AND NOT wafer.is_diced
        AND NOT wafer.is_scrapped
        AND NOT EXISTS (SELECT FROM lots_unit AS die WHERE die.wafer_id = wafer.id AND die.state <> 'withdrawn')
        AND NOT EXISTS (SELECT FROM descent WHERE descent.lot_id = wafer.lot_id)
    GROUP BY wafer.lot_id
),
lost (lot_id, event_id, quantity, unit_ids, wafer_ids) AS (
    SELECT
        event.lot_id, event.id, (row.told ->> 'quantity')::bigint,
        COALESCE(row.told -> 'unit_ids', '[]'), COALESCE(row.told -> 'wafer_ids', '[]')
    FROM (
        SELECT descent.lot_id, descent.since_seq
        FROM descent
        UNION ALL
        SELECT DISTINCT wafer.lot_id, 0::bigint
        FROM lots_wafer AS wafer
        WHERE wafer.id = ANY(%(wafer_ids)s::bigint[])
    ) AS touched
    JOIN lots_event AS event ON event.lot_id = touched.lot_id AND event.seq > touched.since_seq
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(
        CASE event.verb
            WHEN 'loss' THEN JSONB_BUILD_ARRAY(event.payload || JSONB_BUILD_OBJECT('kind', 'loss', 'reason', event.reason))
            WHEN 'track-out' THEN COALESCE(event.payload -> 'losses', '[]')
            ELSE '[]'
        END
    ) AS row (told)
    WHERE row.told ->> 'kind' = 'loss'
        AND (row.told ->> 'reason' = 'missing' OR row.told -> 'counts_in_yield' = 'false')
        AND NOT EXISTS (
            SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
        )
),
missing (lot_id, kind, quantity) AS (
    SELECT lost.lot_id, MAX(line.unit_of_measure), SUM(
        COALESCE(lost.quantity, JSONB_ARRAY_LENGTH(lost.wafer_ids)) - JSONB_ARRAY_LENGTH(lost.unit_ids)
    )::bigint
    FROM lost
    JOIN descent ON descent.lot_id = lost.lot_id
    CROSS JOIN LATERAL (
        SELECT one.unit_of_measure
        FROM lots_eventline AS one
        WHERE one.event_id = lost.event_id AND one.lot_id = lost.lot_id AND one.kind = 'loss'
        LIMIT 1
    ) AS line
    WHERE COALESCE(lost.quantity, JSONB_ARRAY_LENGTH(lost.wafer_ids)) > JSONB_ARRAY_LENGTH(lost.unit_ids)
    GROUP BY lost.lot_id
    UNION ALL
    SELECT wafer.lot_id, 'wafer', COUNT(*)
    FROM lots_wafer AS wafer
    JOIN lost ON lost.lot_id = wafer.lot_id AND lost.wafer_ids @> TO_JSONB(wafer.id)
    WHERE wafer.id = ANY(%(wafer_ids)s::bigint[])
        AND wafer.is_scrapped
        AND NOT wafer.is_diced
        AND NOT EXISTS (SELECT FROM descent WHERE descent.lot_id = wafer.lot_id)
    GROUP BY wafer.lot_id
),
found (
    unit_id, lot_id, kind, quantity, standing_lot_id, customer, slot_id, ultraserver_id, is_bad, is_missing
) AS (
    SELECT
        standing.affected_id, standing.own_lot_id, standing.kind, 1::bigint, standing.lot_id, standing.customer,
        standing.slot_id, standing.ultraserver_id, standing.is_bad, standing.is_missing
    FROM standing
    UNION ALL
    SELECT NULL, loose.lot_id, loose.kind, loose.quantity, loose.lot_id, lot.customer, NULL, NULL, FALSE, FALSE
    FROM loose
    JOIN lots_lot AS lot ON lot.id = loose.lot_id
    UNION ALL
    SELECT
        NULL, missing.lot_id, missing.kind, missing.quantity, missing.lot_id, lot.customer, NULL, NULL, FALSE, TRUE
    FROM missing
    JOIN lots_lot AS lot ON lot.id = missing.lot_id
),
reach AS (
    SELECT
        found.unit_id,
        found.lot_id,
        found.kind,
        found.quantity,
        found.ultraserver_id,
        COALESCE(found.customer, '') AS customer,
        CASE
            WHEN seat.position_id IS NOT NULL THEN 'deployed'
            WHEN found.slot_id IS NOT NULL THEN 'installed'
            WHEN found.is_missing THEN 'missing'
            WHEN found.is_bad OR lot.state = 'scrapped' THEN 'scrapped'
            WHEN lot.state = 'active' THEN 'wip'
            WHEN lot.state = 'banked' THEN 'bank'
            WHEN lot.state = 'shipped' THEN 'shipped'
            ELSE 'finished'
        END AS place,
        COALESCE(step.code, '') AS step,
        COALESCE(step.sequence, 0) AS sequence,
        COALESCE(lot.code, '') AS lot,
        seat.rack_id,
        COALESCE(seat.rack, '') AS rack,
        seat.slot,
        COALESCE(seat.site, '') AS site,
        CASE
            WHEN found.slot_id IS NOT NULL
                THEN CONCAT_WS(', ', seat.site, 'rack ' || seat.rack, 'slot ' || seat.slot)
            ELSE CONCAT_WS(', ', 'lot ' || lot.code, 'step ' || step.code)
        END AS whereabouts
    FROM found
    LEFT JOIN lots_lot AS lot ON lot.id = found.standing_lot_id
    LEFT JOIN lots_step AS step ON step.id = lot.step_id
    LEFT JOIN LATERAL (
        SELECT slot.number AS slot, slot.rack_id, rack.serial AS rack, stands.position_id, site.code AS site
        FROM racks_slot AS slot
        JOIN racks_rack AS rack ON rack.id = slot.rack_id
        LEFT JOIN racks_rackplacement AS stands ON stands.rack_id = rack.id AND stands.valid_to IS NULL
        LEFT JOIN racks_rackposition AS position ON position.id = stands.position_id
        LEFT JOIN racks_hall AS hall ON hall.id = position.hall_id
        LEFT JOIN racks_site AS site ON site.id = hall.site_id
        WHERE slot.id = found.slot_id
        LIMIT 1
    ) AS seat ON TRUE
)
