-- Purpose: the first wafer that is scrapped, or is not, otherwise than the ledger tells.
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
)
SELECT
    COALESCE(scrapped.seq, 0),
    FORMAT(
        'wafer %s says it is %s, its ledger says it is %s', wafer.code,
        CASE WHEN wafer.is_scrapped THEN 'scrapped' ELSE 'not scrapped' END,
        CASE WHEN scrapped.seq IS NULL THEN 'not scrapped' ELSE 'scrapped' END
    )
FROM lots_wafer AS wafer
LEFT JOIN scrapped ON scrapped.wafer_id = wafer.id
WHERE wafer.is_scrapped <> (scrapped.seq IS NOT NULL)
ORDER BY scrapped.seq, wafer.code
LIMIT 1
