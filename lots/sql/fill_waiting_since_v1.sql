-- Purpose: lots that stand where they came out of a bank have waited there since they came to the step.
-- Inputs:  none; runs once. Rows expected: none.
WITH RECURSIVE waited (lot_id, step_id, since) AS (
    SELECT lot.id, lot.step_id, lot.step_entered_at
    FROM lots_lot AS lot
    WHERE lot.waiting_since IS NULL
    UNION
    SELECT waited.lot_id, waited.step_id, (event.payload -> 'before' ->> 'step_entered_at')::timestamptz
    FROM waited
    JOIN lots_event AS event ON event.lot_id = waited.lot_id AND event.verb = 'unbank'
        AND event.step_from_id = waited.step_id AND event.occurred_at = waited.since
    WHERE NOT EXISTS (
        SELECT FROM lots_event AS undone WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
    )
)
UPDATE lots_lot AS lot
SET waiting_since = first.since
FROM (SELECT waited.lot_id, MIN(waited.since) AS since FROM waited GROUP BY waited.lot_id) AS first
WHERE lot.id = first.lot_id AND first.since < lot.step_entered_at
