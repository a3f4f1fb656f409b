-- Purpose: pilots sent ahead before they had rows of their own.
-- Inputs:  none; runs once. Rows: one for each lot that was split off to go ahead, with the hold on the rest.
INSERT INTO lots_pilotrun (pilot_id, hold_id, until_step_id)
SELECT pilot.id, hold.id, step.id
FROM lots_event AS split
JOIN lots_lot AS pilot ON pilot.code = split.payload ->> 'child'
JOIN lots_event AS held ON held.op_key = 'send-ahead:' || split.id
JOIN lots_hold AS hold ON hold.placed_by_id = held.id
JOIN lots_step AS here ON here.id = split.step_from_id
JOIN lots_step AS step ON step.route_version_id = here.route_version_id
    AND step.code = split.payload ->> 'until_step'
WHERE split.verb = 'split' AND split.payload ? 'until_step';
