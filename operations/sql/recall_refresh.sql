-- Purpose: bring a case's list up to date with what its suspects reach now. Goes on from recall_reach.
-- Inputs:  case, seq, now. What is new joins; what is scrapped settles, and what is listed as a part of something else,
-- was taken back or holds nothing any more; what settled by itself and is suspect again is open again; the rest is told where it is.
-- What a person settled stays. Rows: one, with how many joined, settled, were opened again and moved.
,
listed AS (
    SELECT
        item.id, item.unit_id, item.settled_at, reach.place, reach.kind, reach.quantity, reach.rack_id,
        reach.ultraserver_id, reach.customer, reach.whereabouts,
        (reach.place, reach.whereabouts) IS DISTINCT FROM (item.place, item."where") AS is_elsewhere
    FROM operations_recallitem AS item
    LEFT JOIN reach
        ON COALESCE(reach.unit_id, -reach.lot_id) = COALESCE(item.unit_id, -item.lot_id)
        AND (item.unit_id IS NOT NULL OR (reach.place = 'missing') = (item.place = 'missing'))
    WHERE item.case_id = %(case)s AND item.settled_by_id IS NULL
),
settled AS (
    UPDATE operations_recallitem AS item
    SET
        settled_at = %(now)s,
        settlement = CASE
            WHEN listed.place = 'scrapped' THEN 'Scrapped or rejected'
            WHEN EXISTS (SELECT FROM lots_unit AS unit WHERE unit.id = listed.unit_id AND unit.state = 'withdrawn')
                THEN 'Taken back: it never was built or received so'
            WHEN listed.unit_id IS NOT NULL THEN 'Listed as what it was built into'
            ELSE 'Holds no suspect material any more'
        END
    FROM listed
    WHERE item.id = listed.id AND listed.settled_at IS NULL AND (listed.place IS NULL OR listed.place = 'scrapped')
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
    WHERE item.id = listed.id AND listed.place <> 'scrapped'
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
