-- Purpose: what draws power at or below each open placement of some racks. First half of a statement: another file
-- goes on with the SELECT.
-- Inputs: rack_ids bigint[]: these racks; null: those whose stored content is owed. Rows of counted: one per rack,
-- product and nearest product around it that draws power too; site: where the rack stands, null for nowhere.
-- OFFSET 0 in a lateral subquery makes each step an index lookup: the planner cannot know how few racks are owed.
WITH RECURSIVE wanted (rack_id) AS (
    SELECT UNNEST(%(rack_ids)s::bigint[])
    UNION
    SELECT owed.rack_id
    FROM racks_rackowed AS owed
    WHERE %(rack_ids)s::bigint[] IS NULL
),
inside (rack_id, unit_id, product_id, kind, power_watt, host_id) AS (
    SELECT wanted.rack_id, placed.unit_id, product.id, product.kind, product.power_watt, NULL::bigint
    FROM wanted
    CROSS JOIN LATERAL (
        SELECT unit.id AS unit_id, unit.product_id
        FROM racks_slot AS slot
        JOIN racks_placement AS placement ON placement.slot_id = slot.id AND placement.valid_to IS NULL
        JOIN lots_unit AS unit ON unit.id = placement.unit_id
        WHERE slot.rack_id = wanted.rack_id
        OFFSET 0
    ) AS placed
    JOIN lots_product AS product ON product.id = placed.product_id
    UNION ALL
    SELECT
        inside.rack_id, part.unit_id, product.id, product.kind, product.power_watt,
        CASE WHEN inside.power_watt IS NULL THEN inside.host_id ELSE inside.product_id END
    FROM inside
    CROSS JOIN LATERAL (
        SELECT unit.id AS unit_id, unit.product_id
        FROM lots_genealogy AS edge
        JOIN lots_unit AS unit ON unit.id = edge.child_id
        WHERE edge.parent_id = inside.unit_id AND edge.valid_to IS NULL
        OFFSET 0
    ) AS part
    JOIN lots_product AS product ON product.id = part.product_id
    WHERE inside.kind <> 'package'
),
counted (rack_id, site_id, product_id, host_id, unit_count) AS (
    SELECT inside.rack_id, stands.site_id, inside.product_id, inside.host_id, COUNT(*)
    FROM inside
    LEFT JOIN LATERAL (
        SELECT hall.site_id
        FROM racks_rackplacement AS standing
        JOIN racks_rackposition AS position ON position.id = standing.position_id
        JOIN racks_hall AS hall ON hall.id = position.hall_id
        WHERE standing.rack_id = inside.rack_id AND standing.valid_to IS NULL
        LIMIT 1
    ) AS stands ON TRUE
    WHERE inside.power_watt IS NOT NULL
    GROUP BY inside.rack_id, stands.site_id, inside.product_id, inside.host_id
)
