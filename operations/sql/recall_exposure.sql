-- Purpose: what is reached, counted by where it is, and each UltraServer that has some of it. Goes on from recall_reach.
-- Rows: one per place, kind, step, lot, rack and customer with an empty UltraServer; then one per UltraServer. lot: of
-- what is in no rack and not scrapped; chips_inside: chips that run at a site in these and are not reached themselves.
,
inside (reached_id, unit_id, kind, is_deployed, depth) AS (
    SELECT reach.unit_id, reach.unit_id, reach.kind, reach.place = 'deployed', 0
    FROM reach
    WHERE reach.unit_id IS NOT NULL AND reach.kind NOT IN ('die', 'component', 'package')
    UNION ALL
    SELECT
        inside.reached_id, part.id, part.kind,
        CASE
            WHEN inside.is_deployed THEN TRUE
            ELSE EXISTS (
                SELECT FROM racks_placement AS placement
                JOIN racks_slot AS slot ON slot.id = placement.slot_id
                JOIN racks_rackplacement AS stands ON stands.rack_id = slot.rack_id AND stands.valid_to IS NULL
                WHERE placement.unit_id = part.id AND placement.valid_to IS NULL
            )
        END,
        inside.depth + 1
    FROM inside
    CROSS JOIN LATERAL (
        SELECT unit.id, unit.kind
        FROM lots_genealogy AS edge
        JOIN lots_unit AS unit ON unit.id = edge.child_id
        WHERE edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
        OFFSET 0
    ) AS part
    WHERE inside.kind <> 'package' AND inside.depth < %(depth_max)s
),
chip (reached_id, unit_id) AS (
    SELECT MIN(inside.reached_id), inside.unit_id
    FROM inside
    WHERE inside.kind = 'package'
        AND inside.is_deployed
        AND NOT EXISTS (SELECT FROM reach WHERE reach.unit_id = inside.unit_id)
    GROUP BY inside.unit_id
),
chips (reached_id, quantity) AS (
    SELECT chip.reached_id, COUNT(*)
    FROM chip
    GROUP BY chip.reached_id
)
SELECT
    reach.place, reach.kind, '' AS ultraserver, reach.customer, reach.site, reach.rack,
    CASE WHEN reach.place IN ('installed', 'deployed', 'scrapped') THEN '' ELSE reach.lot END AS in_lot,
    CASE WHEN reach.place IN ('wip', 'bank') THEN reach.step ELSE '' END AS at_step,
    CASE WHEN reach.place IN ('wip', 'bank') THEN reach.sequence ELSE 0 END AS at_sequence,
    SUM(reach.quantity)::bigint AS quantity, COALESCE(SUM(chips.quantity), 0)::bigint AS chips_inside
FROM reach
LEFT JOIN chips ON chips.reached_id = reach.unit_id
GROUP BY reach.place, reach.kind, reach.customer, reach.site, reach.rack, in_lot, at_step, at_sequence
UNION ALL
SELECT
    MIN(reach.place), 'ultraserver', unit.serial, MAX(reach.customer), MAX(reach.site),
    STRING_AGG(DISTINCT reach.rack, ', ' ORDER BY reach.rack), '', '', 0, SUM(reach.quantity)::bigint, 0
FROM reach
JOIN lots_unit AS unit ON unit.id = reach.ultraserver_id
WHERE reach.place <> 'scrapped'
GROUP BY unit.serial
ORDER BY at_sequence, at_step, site, rack, in_lot, customer, ultraserver
