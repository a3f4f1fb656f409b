-- Purpose: what an event makes of lots, or merges into one, takes over their open clocks on its own route. Parts that are
-- built in end those that wait for the step at which that is done, or for one that it leaves out; what stays behind of
-- their lot waits on. Lots that end in a merge wait no more themselves.
-- Inputs:  event uuid. Rows: none; writes one clock for each open clock of each parent, and one for each rest.
WITH open_clock AS (
    SELECT
        clock.id, clock.limit_id, clock.since, clock.started_by_id, link.parent_id, link.child_id, link.event_id,
        link.kind, parent.quantity,
        span.route_version_id IN (child.route_version_id, back.route_version_id)
            AND (link.kind <> 'assemble' OR (last.id <> place.id AND last.sequence >= stands.sequence)) AS goes_on,
        span.route_version_id = place.route_version_id AND first.sequence < place.sequence AS is_waiting
    FROM lots_lotlineage AS link
    JOIN lots_lot AS parent ON parent.id = link.parent_id
    JOIN lots_step AS place ON place.id = COALESCE(parent.rework_return_step_id, parent.step_id)
    JOIN lots_lot AS child ON child.id = link.child_id
    JOIN lots_step AS stands ON stands.id = child.step_id
    LEFT JOIN lots_step AS back ON back.id = child.rework_return_step_id
    JOIN lots_queueclock AS clock ON clock.lot_id = link.parent_id
    JOIN lots_queuelimit AS span ON span.id = clock.limit_id
    JOIN lots_step AS first ON first.id = span.from_step_id
    JOIN lots_step AS last ON last.id = span.to_step_id
    WHERE link.event_id = %(event)s AND link.kind <> 'swap'
        AND NOT EXISTS (
            SELECT FROM lots_event AS undone
            WHERE undone.verb = 'correct' AND undone.corrects_id IN (clock.started_by_id, clock.carried_by_id)
        )
        AND (clock.ended_by_id IS NULL OR EXISTS (
            SELECT FROM lots_event AS undone
            WHERE undone.verb = 'correct' AND undone.corrects_id = clock.ended_by_id
        ))
),
carried AS (
    INSERT INTO lots_queueclock (lot_id, limit_id, since, started_by_id, carried_by_id)
    SELECT child_id, limit_id, since, started_by_id, event_id
    FROM open_clock
    WHERE goes_on IS TRUE
    UNION ALL
    SELECT parent_id, limit_id, since, started_by_id, event_id
    FROM open_clock
    WHERE kind = 'assemble' AND is_waiting AND goes_on IS NOT TRUE AND quantity > 0
)
UPDATE lots_queueclock AS clock
SET ended_by_id = open_clock.event_id
FROM open_clock
WHERE clock.id = open_clock.id
    AND (open_clock.kind = 'merge' OR (open_clock.kind = 'assemble' AND is_waiting AND goes_on IS NOT TRUE))
