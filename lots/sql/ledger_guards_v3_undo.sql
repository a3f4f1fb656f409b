-- Purpose: undo ledger_guards_v3.sql.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER lots_hold_told ON lots_hold;
DROP FUNCTION lots_check_hold_told_v1();
DROP TRIGGER lots_eventline_with_its_event ON lots_eventline;
DROP FUNCTION lots_check_lines_new_v1();
DROP TRIGGER lots_ledgerhead_goes_on ON lots_ledgerhead;
DROP TRIGGER lots_ledgerhead_kept ON lots_ledgerhead;
DROP FUNCTION lots_refuse_head_back_v1();
DROP TRIGGER lots_unit_kind_kept ON lots_unit;
DROP FUNCTION lots_refuse_kind_change_v1();
DROP TRIGGER lots_event_not_held ON lots_event;
DROP FUNCTION lots_refuse_held_v2();

CREATE FUNCTION lots_refuse_held_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stop record;
    is_part constant boolean := NEW.verb IN ('split', 'assemble');
BEGIN
    SELECT id, reason INTO stop
    FROM lots_hold
    WHERE lot_id = NEW.lot_id AND released_at IS NULL AND (scope = 'lot' OR NOT is_part)
    ORDER BY id
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN NEW;
    END IF;
    IF NEW.verb = 'move' THEN
        PERFORM FROM lots_step AS start
        JOIN lots_step AS finish ON finish.route_version_id = start.route_version_id
        JOIN lots_routeversion AS version ON version.id = start.route_version_id
        WHERE start.id = NEW.step_from_id AND finish.id = NEW.step_to_id
            AND (version.is_free OR finish.sequence <= start.sequence);
        IF FOUND THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'lot % is on hold (%); % must wait', NEW.lot_id, stop.reason, NEW.verb
        USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_not_held';
END $$;

CREATE TRIGGER lots_event_not_held BEFORE INSERT ON lots_event
    FOR EACH ROW WHEN (NEW.verb IN (
        'move', 'split', 'merge', 'dice', 'assemble', 'ship', 'track-in', 'track-out', 'rework-out',
        'rework-in', 'bin', 'reroute'
    )) EXECUTE FUNCTION lots_refuse_held_v1();
