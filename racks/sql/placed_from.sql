-- Units in rack slots that hold material of given lots or wafers: of a lot also what was split, merged or binned from
-- it, but of that only since its material came there, and not what another lot had built in before it merged with it;
-- single units swapped out of what it was built into; what an assembly built with parts without serials from it, unless
-- what was left of these was scrapped for no hold; and of all of these what was built from it.
-- Inputs: lot_ids bigint[], wafer_ids bigint[], depth_max. Rows: origin ('lot' or 'wafer'), its id, serial of the
-- placed unit, rack, slot number, position and site (null: the rack stands nowhere); one per origin and unit.
WITH RECURSIVE came (origin_id, lot_id, since_seq, depth) AS (
    SELECT lot.id, lot.id, 0::bigint, 0
    FROM lots_lot AS lot
    WHERE lot.id = ANY(%(lot_ids)s)
    UNION
    SELECT came.origin_id, link.child_id, event.seq, came.depth + 1
    FROM came
    JOIN lots_lotlineage AS link ON link.parent_id = came.lot_id AND link.kind IN ('split', 'merge', 'bin')
    JOIN lots_event AS event ON event.id = link.event_id AND event.seq > came.since_seq
    WHERE came.depth < %(depth_max)s
),
descent (origin_id, lot_id, since_seq, is_mixed) AS (
    SELECT
        came.origin_id, came.lot_id, MIN(came.since_seq),
        EXISTS (SELECT FROM lots_lotlineage AS link WHERE link.child_id = came.lot_id AND link.kind = 'merge')
    FROM came
    GROUP BY came.origin_id, came.lot_id
),
material (origin, origin_id, unit_id) AS (
    SELECT 'lot', descent.origin_id, unit.id
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
            ON giver.lot_id = line.lot_id AND giver.since_seq < opened.seq AND giver.origin_id = descent.origin_id
        WHERE edge.child_id = unit.id AND edge.valid_to IS NULL
        GROUP BY edge.id
        HAVING COUNT(giver.lot_id) = 0
    )
    UNION
    SELECT 'lot', descent.origin_id, edge.child_id
    FROM descent
    JOIN lots_lotlineage AS link ON link.parent_id = descent.lot_id AND link.kind = 'swap'
    JOIN lots_event AS event ON event.id = link.event_id AND event.seq > descent.since_seq
    JOIN lots_genealogy AS edge ON edge.closed_by_id = link.event_id
    UNION
    SELECT 'lot', descent.origin_id, built.id
    FROM descent
    JOIN lots_lot AS origin ON origin.id = descent.origin_id
    JOIN lots_material_used_v2 AS used ON used.lot_id = descent.lot_id
    JOIN lots_event AS event
        ON event.id = used.event_id AND GREATEST(event.seq, used.added_seq) > descent.since_seq
    CROSS JOIN LATERAL (SELECT unit.id FROM lots_unit AS unit WHERE unit.created_by_id = used.event_id OFFSET 0) AS built
    WHERE origin.state <> 'scrapped'
        OR EXISTS (SELECT FROM lots_hold AS hold WHERE hold.lot_id = origin.id AND hold.released_at IS NULL)
    UNION
    SELECT 'wafer', unit.wafer_id, unit.id
    FROM lots_unit AS unit
    WHERE unit.wafer_id = ANY(%(wafer_ids)s)
),
reached (origin, origin_id, unit_id, depth) AS (
    SELECT origin, origin_id, unit_id, 0
    FROM material
    UNION
    SELECT reached.origin, reached.origin_id, edge.parent_id, reached.depth + 1
    FROM reached
    JOIN lots_genealogy AS edge ON edge.child_id = reached.unit_id AND edge.valid_to IS NULL
    WHERE reached.depth < %(depth_max)s
)
SELECT DISTINCT
    reached.origin, reached.origin_id, unit.serial, rack.serial, slot.number, position.code, site.code
FROM reached
JOIN racks_placement AS placement ON placement.unit_id = reached.unit_id AND placement.valid_to IS NULL
JOIN lots_unit AS unit ON unit.id = reached.unit_id
JOIN racks_slot AS slot ON slot.id = placement.slot_id
JOIN racks_rack AS rack ON rack.id = slot.rack_id
LEFT JOIN racks_rackplacement AS standing ON standing.rack_id = rack.id AND standing.valid_to IS NULL
LEFT JOIN racks_rackposition AS position ON position.id = standing.position_id
LEFT JOIN racks_hall AS hall ON hall.id = position.hall_id
LEFT JOIN racks_site AS site ON site.id = hall.site_id
ORDER BY reached.origin, reached.origin_id, rack.serial, slot.number
