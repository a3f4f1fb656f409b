-- Purpose: the first wafer that is scrapped, or is not, otherwise than the ledger tells; one taken back counts as such.
-- Inputs:  none. Rows expected: none, or one: seq of the event, what is wrong.
WITH scrapped (wafer_id, seq) AS (
    SELECT named.id::bigint, MAX(event.seq)
    FROM lots_event AS event
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(
        JSONB_BUILD_ARRAY(event.payload) || COALESCE(event.payload -> 'losses', '[]')
    ) AS told (row)
    CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(told.row -> 'wafer_ids') AS named (id)
    WHERE event.verb IN ('loss', 'scrap', 'track-out')
        AND NOT EXISTS (SELECT FROM lots_event AS undo WHERE undo.corrects_id = event.id AND undo.verb = 'correct')
    GROUP BY named.id
),
told (wafer_id, seq) AS (
    SELECT scrapped.wafer_id, scrapped.seq FROM scrapped
    UNION ALL
    SELECT wafer.id, undone.seq
    FROM lots_wafer AS wafer
    CROSS JOIN LATERAL (
        SELECT event.seq FROM lots_event AS event
        WHERE event.lot_id = wafer.lot_id AND event.verb = 'correct'
            AND event.payload -> 'wafer_ids' @> TO_JSONB(wafer.id)
        ORDER BY event.seq DESC
        LIMIT 1
    ) AS undone
    WHERE wafer.is_withdrawn
)
SELECT
    COALESCE(told.seq, 0),
    FORMAT(
        'wafer %s says it is %s, its ledger says it is %s', wafer.code,
        CASE WHEN wafer.is_scrapped THEN 'scrapped' ELSE 'not scrapped' END,
        CASE WHEN told.seq IS NULL THEN 'not scrapped' ELSE 'scrapped' END
    )
FROM lots_wafer AS wafer
LEFT JOIN told ON told.wafer_id = wafer.id
WHERE wafer.is_scrapped <> (told.seq IS NOT NULL)
ORDER BY told.seq, wafer.code
LIMIT 1
