-- Purpose: units that were lost without being found bad are missing, not rejects.
-- Inputs:  none; runs once. Rows expected: the units of such losses that were not taken back.
UPDATE lots_unit AS unit
SET state = 'missing'
FROM lots_event AS event
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS(
    CASE event.verb
        WHEN 'loss' THEN JSONB_BUILD_ARRAY(event.payload || JSONB_BUILD_OBJECT('kind', 'loss', 'reason', event.reason))
        ELSE COALESCE(event.payload -> 'losses', '[]')
    END
) AS row (told)
CROSS JOIN LATERAL JSONB_ARRAY_ELEMENTS_TEXT(COALESCE(row.told -> 'unit_ids', '[]')) AS lost (unit_id)
WHERE event.verb IN ('loss', 'track-out')
    AND row.told ->> 'kind' = 'loss'
    AND (row.told ->> 'reason' = 'missing' OR row.told -> 'counts_in_yield' = 'false')
    AND unit.id = lost.unit_id::bigint
    AND unit.state = 'reject'
