-- Purpose: a use of material is told once and never changed, and is what the ledger took from its lot in that event; and
-- an assembly that says it took material has its uses.
-- Inputs:  none; runs once. Rows expected: none.
CREATE FUNCTION lots_check_material_use_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM lots_eventline AS line
    JOIN lots_event AS event ON event.id = line.event_id
    WHERE line.event_id = NEW.event_id AND line.lot_id = NEW.lot_id AND line.kind = 'consumed'
        AND line.quantity = NEW.quantity AND event.verb = 'assemble';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no assembly took % from lot %', NEW.quantity, NEW.lot_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_materialuse_in_ledger';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_materialuse_in_ledger AFTER INSERT ON lots_materialuse
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_material_use_v1();
CREATE TRIGGER lots_materialuse_append_only BEFORE UPDATE OR DELETE ON lots_materialuse
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_materialuse_no_truncate BEFORE TRUNCATE ON lots_materialuse
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();

CREATE FUNCTION lots_check_materials_told_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (
        SELECT jsonb_object_agg(lot.code, used.quantity) AS told
        FROM lots_materialuse AS used
        JOIN lots_lot AS lot ON lot.id = used.lot_id
        WHERE used.event_id = NEW.id
    ) AS uses
    WHERE uses.told = NEW.payload -> 'materials';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % does not tell the uses of its material', NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_materials_told';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_event_materials_told AFTER INSERT ON lots_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.verb = 'assemble' AND NEW.payload ? 'materials')
    EXECUTE FUNCTION lots_check_materials_told_v1();
