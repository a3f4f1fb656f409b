-- Purpose: take back material_uses_v2.sql; material_uses_v1.sql follows.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER lots_event_materials_told ON lots_event;
DROP FUNCTION lots_check_materials_told_v2();
DROP TRIGGER lots_materialuse_no_truncate ON lots_materialuse;
DROP TRIGGER lots_materialuse_append_only ON lots_materialuse;
DROP TRIGGER lots_materialuse_in_ledger ON lots_materialuse;
DROP FUNCTION lots_check_material_use_v2();
DROP VIEW lots_lineage_now_v1;
DROP VIEW lots_material_used_v1;

CREATE FUNCTION lots_refuse_held_giving_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stop record;
BEGIN
    SELECT hold.reason, event.verb INTO stop
    FROM lots_hold AS hold
    JOIN lots_event AS event ON event.id = NEW.event_id
    WHERE hold.lot_id = NEW.lot_id AND hold.released_at IS NULL
        AND (hold.scope = 'lot' OR event.verb IN ('merge', 'dice', 'bin'))
    ORDER BY hold.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'lot % is on hold (%); % must wait', NEW.lot_id, stop.reason, stop.verb
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_eventline_not_held';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER lots_eventline_not_held ON lots_eventline;
DROP FUNCTION lots_refuse_held_giving_v2();
CREATE TRIGGER lots_eventline_not_held BEFORE INSERT ON lots_eventline
    FOR EACH ROW WHEN (NEW.kind IN ('split-out', 'consumed'))
    EXECUTE FUNCTION lots_refuse_held_giving_v1();
