-- Purpose: the first clock between steps that runs from another time than what started it, or was ended by another lot.
-- Inputs:  none. Rows expected: none, or one: seq of the event, what is wrong.
SELECT started.seq, FORMAT(
    'a clock of lot %s runs since %s, its ledger says %s', lot.code, clock.since, started.occurred_at
)
FROM lots_queueclock AS clock
JOIN lots_lot AS lot ON lot.id = clock.lot_id
JOIN lots_event AS started ON started.id = clock.started_by_id
LEFT JOIN lots_event AS ended ON ended.id = clock.ended_by_id
WHERE clock.since <> started.occurred_at
    OR (
        ended.lot_id <> clock.lot_id
        AND NOT EXISTS (SELECT FROM lots_eventline AS line WHERE line.event_id = ended.id AND line.lot_id = clock.lot_id)
    )
ORDER BY started.seq, clock.id
LIMIT 1
