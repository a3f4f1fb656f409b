-- Purpose: links between lots are told once, by an event of theirs, and never changed; an edge is closed by the swap that
-- took its part out, and by nothing else.
-- Inputs:  none; runs once. Rows expected: none.
CREATE FUNCTION lots_check_lineage_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM lots_event AS event
    WHERE event.id = NEW.event_id
        AND (event.verb = NEW.kind OR (event.verb = 'reissue' AND NEW.kind = 'assemble'))
        AND event.lot_id = CASE WHEN NEW.kind IN ('split', 'bin') THEN NEW.parent_id ELSE NEW.child_id END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no event tells that lot % came from lot % by %', NEW.child_id, NEW.parent_id, NEW.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_lotlineage_in_ledger';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_lotlineage_in_ledger AFTER INSERT ON lots_lotlineage
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_lineage_v1();
CREATE TRIGGER lots_lotlineage_append_only BEFORE UPDATE OR DELETE ON lots_lotlineage
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_lotlineage_no_truncate BEFORE TRUNCATE ON lots_lotlineage
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();

CREATE FUNCTION lots_check_edge_closed_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM lots_event AS event
    JOIN lots_unit AS parent ON parent.id = NEW.parent_id
    JOIN lots_unit AS child ON child.id = NEW.child_id
    WHERE event.id = NEW.closed_by_id AND event.verb = 'swap' AND event.occurred_at = NEW.valid_to
        AND event.payload ->> 'parent' = parent.serial AND event.payload ->> 'removed' = child.serial
        AND event.payload ->> 'position' = NEW.position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no swap closed genealogy edge %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_genealogy_closed_in_ledger';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_genealogy_closed_in_ledger AFTER UPDATE ON lots_genealogy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_edge_closed_v1();
