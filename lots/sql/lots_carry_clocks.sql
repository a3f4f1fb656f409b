-- Purpose: what an event makes of lots, or merges into one, takes over their open clocks on its own route.
-- Inputs:  event uuid. Rows: none; writes one clock for each open clock of each parent.
INSERT INTO lots_queueclock (lot_id, limit_id, since, started_by_id, carried_by_id)
SELECT link.child_id, clock.limit_id, clock.since, clock.started_by_id, link.event_id
FROM lots_lotlineage AS link
JOIN lots_lot AS child ON child.id = link.child_id
LEFT JOIN lots_step AS back ON back.id = child.rework_return_step_id
JOIN lots_queueclock AS clock ON clock.lot_id = link.parent_id
JOIN lots_queuelimit AS span ON span.id = clock.limit_id
    AND span.route_version_id IN (child.route_version_id, back.route_version_id)
WHERE link.event_id = %(event)s AND link.kind <> 'swap'
    AND NOT EXISTS (
        SELECT FROM lots_event AS undone
        WHERE undone.verb = 'correct' AND undone.corrects_id IN (clock.started_by_id, clock.carried_by_id)
    )
    AND (clock.ended_by_id IS NULL OR EXISTS (
        SELECT FROM lots_event AS undone WHERE undone.verb = 'correct' AND undone.corrects_id = clock.ended_by_id
    ))
