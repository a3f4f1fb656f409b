-- Purpose: the promises on quantities, material and lineage, for events that are taken back: a hold does not stop the
-- word on what never was, a corrected assembly took no material, and no lot came from another by it.
-- Inputs:  none; runs once. Rows expected: none.

CREATE FUNCTION lots_refuse_held_giving_v3() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stop record;
BEGIN
    SELECT hold.reason, event.verb INTO stop
    FROM lots_hold AS hold
    JOIN lots_event AS event ON event.id = NEW.event_id
    WHERE hold.lot_id = NEW.lot_id AND hold.released_at IS NULL
        AND (hold.scope = 'lot' OR event.verb IN ('merge', 'dice', 'bin'))
        AND (event.verb <> 'reissue' OR event.payload -> 'is_exchange' = 'true')
        AND event.verb <> 'correct'
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
    EXECUTE FUNCTION lots_refuse_held_giving_v3();

-- A use is told by an assembly, told anew by a reissue of it, or told to be none by its correction.
CREATE FUNCTION lots_check_material_use_v3() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.retold_by_id IS NULL THEN
        PERFORM FROM lots_eventline AS line
        JOIN lots_event AS event ON event.id = line.event_id
        WHERE line.event_id = NEW.event_id AND line.lot_id = NEW.lot_id AND line.kind = 'consumed'
            AND line.quantity = NEW.quantity AND event.verb = 'assemble';
    ELSE
        PERFORM FROM lots_event AS told
        JOIN lots_event AS assembly ON assembly.id = NEW.event_id
        LEFT JOIN lots_materialuse AS before
            ON before.id = NEW.replaces_id AND before.event_id = NEW.event_id AND before.lot_id = NEW.lot_id
        WHERE told.id = NEW.retold_by_id AND told.lot_id = assembly.lot_id
            AND (
                (told.verb = 'reissue' AND told.payload -> 'assembly' = TO_JSONB(assembly.seq))
                OR (told.verb = 'correct' AND told.corrects_id = assembly.id AND NEW.quantity = 0)
            )
            AND (NEW.replaces_id IS NULL OR before.id IS NOT NULL)
            AND NEW.quantity - COALESCE(before.quantity, 0) = (
                SELECT SUM(CASE line.kind WHEN 'consumed' THEN line.quantity ELSE -line.quantity END)
                FROM lots_eventline AS line
                WHERE line.event_id = told.id AND line.lot_id = NEW.lot_id AND line.kind IN ('consumed', 'produced')
            );
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no assembly took % from lot %', NEW.quantity, NEW.lot_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_materialuse_in_ledger';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER lots_materialuse_in_ledger ON lots_materialuse;
DROP FUNCTION lots_check_material_use_v2();
CREATE CONSTRAINT TRIGGER lots_materialuse_in_ledger AFTER INSERT ON lots_materialuse
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_material_use_v3();

-- An edge is closed by the swap that took its part out, or by the correction of what opened it: then it never was.
CREATE FUNCTION lots_check_edge_closed_v2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM lots_event AS event
    JOIN lots_unit AS parent ON parent.id = NEW.parent_id
    JOIN lots_unit AS child ON child.id = NEW.child_id
    WHERE event.id = NEW.closed_by_id AND (
        (
            event.verb = 'swap' AND event.occurred_at = NEW.valid_to
            AND event.payload ->> 'parent' = parent.serial AND event.payload ->> 'removed' = child.serial
            AND event.payload ->> 'position' = NEW.position
        )
        OR (event.verb = 'correct' AND event.corrects_id = NEW.opened_by_id AND NEW.valid_to = NEW.valid_from)
    );
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no swap closed genealogy edge %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_genealogy_closed_in_ledger';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER lots_genealogy_closed_in_ledger ON lots_genealogy;
DROP FUNCTION lots_check_edge_closed_v1();
CREATE CONSTRAINT TRIGGER lots_genealogy_closed_in_ledger AFTER UPDATE ON lots_genealogy
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_edge_closed_v2();

-- Of what was taken back nothing remains: no unit that is there, no edge that is open, no use of material.
CREATE FUNCTION lots_check_taken_back_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT unit.serial INTO fault
    FROM lots_unit AS unit
    WHERE unit.created_by_id = NEW.corrects_id AND unit.state <> 'withdrawn'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is there still, and event % takes back what made it known', fault.serial, NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_units_taken_back';
    END IF;
    PERFORM FROM lots_genealogy AS edge WHERE edge.opened_by_id = NEW.corrects_id AND edge.valid_to IS NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'event % leaves parts in what it takes back', NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_edges_taken_back';
    END IF;
    PERFORM FROM lots_material_used_v2 AS used WHERE used.event_id = NEW.corrects_id;
    IF FOUND THEN
        RAISE EXCEPTION 'event % leaves material in what it takes back', NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_materials_taken_back';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_event_taken_back AFTER INSERT ON lots_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.verb = 'correct')
    EXECUTE FUNCTION lots_check_taken_back_v1();

-- How lots came from another: not by an assembly that was corrected, and not by one that took their material by mistake.
CREATE VIEW lots_lineage_now_v2 AS
SELECT link.id, link.parent_id, link.child_id, link.kind, link.event_id
FROM lots_lineage_now_v1 AS link
WHERE NOT EXISTS (
    SELECT FROM lots_event AS undone WHERE undone.corrects_id = link.event_id AND undone.verb = 'correct'
);
