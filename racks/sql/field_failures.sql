-- Parts swapped out of what sits, or sat before, in a rack slot: the last time of each part.
-- Inputs: since, depth_max. Rows: unit id, serial, product id, its code, id and code of the lot it was born in, when,
-- id and serial of the rack; one per part.
WITH RECURSIVE removed (unit_id, holder_id, removed_at, depth) AS (
    SELECT edge.child_id, edge.parent_id, edge.valid_to, 0
    FROM lots_genealogy AS edge
    JOIN lots_event AS event ON event.id = edge.closed_by_id AND event.verb = 'swap'
    WHERE edge.closed_by_id IS NOT NULL
        AND edge.valid_to >= %(since)s
        AND edge.valid_to > edge.valid_from
    UNION
    SELECT removed.unit_id, edge.parent_id, removed.removed_at, removed.depth + 1
    FROM removed
    JOIN lots_genealogy AS edge
        ON edge.child_id = removed.holder_id
        AND edge.valid_from <= removed.removed_at
        AND (edge.valid_to IS NULL OR edge.valid_to > removed.removed_at)
    WHERE removed.depth < %(depth_max)s
)
SELECT DISTINCT ON (removed.unit_id)
    unit.id, unit.serial, unit.product_id, product.code, born.id, born.code, removed.removed_at, rack.id, rack.serial
FROM removed
JOIN racks_placement AS placement
    ON placement.unit_id = removed.holder_id AND placement.valid_from <= removed.removed_at
JOIN racks_slot AS slot ON slot.id = placement.slot_id
JOIN racks_rack AS rack ON rack.id = slot.rack_id
JOIN lots_unit AS unit ON unit.id = removed.unit_id
JOIN lots_product AS product ON product.id = unit.product_id
JOIN lots_event AS birth ON birth.id = unit.created_by_id
JOIN lots_lot AS born ON born.id = birth.lot_id
ORDER BY removed.unit_id, removed.removed_at DESC, placement.valid_from DESC
