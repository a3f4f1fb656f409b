-- Purpose: bring a case's list up to date with what its suspects reach now. Goes on from recall_reach.
-- Inputs:  case, seq, now. What is new joins; what is scrapped, out of its rack or free of suspect material settles;
-- what settled by itself and is suspect or in a rack again is open again; the rest is told where it is. What a person
-- settled stays. Rows: one, with how many joined, settled, were opened again and moved.
,
listed AS (
    SELECT
        item.id, item.place AS listed_place, rack.serial AS listed_rack, item.settled_at,
        STARTS_WITH(item.settlement, 'Taken out') AS was_taken_out, reach.place, reach.kind,
        reach.quantity, reach.rack_id, reach.ultraserver_id, reach.customer, reach.whereabouts,
        reach.whereabouts IS DISTINCT FROM item."where" AS is_elsewhere,
        reach.place IN ('installed', 'deployed') AS is_in_rack
    FROM operations_recallitem AS item
    LEFT JOIN racks_rack AS rack ON rack.id = item.rack_id
    LEFT JOIN reach ON COALESCE(reach.unit_id, -reach.lot_id) = COALESCE(item.unit_id, -item.lot_id)
    WHERE item.case_id = %(case)s AND item.settled_by_id IS NULL
),
settled AS (
    UPDATE operations_recallitem AS item
    SET
        settled_at = %(now)s,
        settlement = CASE
            WHEN listed.place IS NULL THEN 'Holds no suspect material any more'
            WHEN listed.place = 'scrapped' THEN 'Scrapped or rejected'
            ELSE CONCAT('Taken out of rack ', listed.listed_rack)
        END
    FROM listed
    WHERE item.id = listed.id
        AND listed.settled_at IS NULL
        AND (
            listed.place IS NULL
            OR listed.place = 'scrapped'
            OR (listed.listed_place IN ('installed', 'deployed') AND NOT listed.is_in_rack)
        )
    RETURNING item.id
),
told AS (
    UPDATE operations_recallitem AS item
    SET
        place = listed.place,
        kind = listed.kind,
        quantity = listed.quantity,
        rack_id = listed.rack_id,
        ultraserver_id = listed.ultraserver_id,
        customer = listed.customer,
        "where" = listed.whereabouts,
        settled_at = NULL,
        settlement = '',
        joined_seq = CASE WHEN listed.settled_at IS NULL THEN item.joined_seq ELSE %(seq)s END
    FROM listed
    WHERE item.id = listed.id
        AND listed.place <> 'scrapped'
        AND (
            (listed.settled_at IS NOT NULL AND (listed.is_in_rack OR NOT listed.was_taken_out))
            OR (
                listed.settled_at IS NULL
                AND (listed.listed_place NOT IN ('installed', 'deployed') OR listed.is_in_rack)
            )
        )
    RETURNING listed.settled_at IS NOT NULL AS is_open_again, listed.is_elsewhere
),
joined AS (
    INSERT INTO operations_recallitem (
        case_id, unit_id, lot_id, kind, place, rack_id, ultraserver_id, "where", customer, quantity, joined_seq,
        settlement
    )
    SELECT
        %(case)s, reach.unit_id, reach.lot_id, reach.kind, reach.place, reach.rack_id, reach.ultraserver_id,
        reach.whereabouts, reach.customer, reach.quantity, %(seq)s, ''
    FROM reach
    WHERE reach.place <> 'scrapped'
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT
    (SELECT COUNT(*) FROM joined),
    (SELECT COUNT(*) FROM settled),
    (SELECT COUNT(*) FROM told WHERE told.is_open_again),
    (SELECT COUNT(*) FROM told WHERE told.is_elsewhere AND NOT told.is_open_again)
