-- Purpose: the first hold that says or stops something else than the event that placed it tells.
-- Inputs:  none. Rows expected: none, or one: seq of the event, what is wrong.
WITH hold AS (
    SELECT
        hold.id, event.seq, event.verb, event.payload, hold.hold_class, hold.scope, hold.reason,
        ARRAY(
            SELECT COALESCE(unit.serial::text, wafer.number::text)
            FROM lots_holditem AS item
            LEFT JOIN lots_unit AS unit ON unit.id = item.unit_id
            LEFT JOIN lots_wafer AS wafer ON wafer.id = item.wafer_id
            WHERE item.hold_id = hold.id
            ORDER BY 1
        ) AS items,
        ARRAY(
            SELECT named.name
            FROM JSONB_ARRAY_ELEMENTS_TEXT(
                COALESCE(event.payload -> 'wafers', '[]') || COALESCE(event.payload -> 'serials', '[]')
            ) AS named (name)
            ORDER BY 1
        ) AS told_items
    FROM lots_hold AS hold
    JOIN lots_event AS event ON event.id = hold.placed_by_id
)
SELECT hold.seq, FORMAT(
    'hold %s says %s, its ledger says %s', hold.id,
    CONCAT_WS(', ', hold.hold_class, hold.scope, hold.reason, ARRAY_TO_STRING(hold.items, ' ')),
    CONCAT_WS(
        ', ', hold.payload ->> 'hold_class', hold.payload ->> 'scope', hold.payload ->> 'reason',
        ARRAY_TO_STRING(hold.told_items, ' ')
    )
)
FROM hold
WHERE hold.verb <> 'hold'
    OR hold.items <> hold.told_items
    OR (hold.hold_class, hold.scope, hold.reason) IS DISTINCT FROM (
        hold.payload ->> 'hold_class', COALESCE(hold.payload ->> 'scope', hold.scope), hold.payload ->> 'reason'
    )
ORDER BY hold.seq, hold.id
LIMIT 1
