-- Purpose: uses of material that hold now, and the lineage that goes with them; and a use is told by an assembly, or told anew by a reissue of it, as the
-- ledger counts it in that event. A reissue gives back as many of a product as it takes, may say that they came from a
-- lot which is on hold since, and tells every use that it changes.
-- Inputs:  none; runs once. Rows expected: none.
DROP TRIGGER lots_event_materials_told ON lots_event;
DROP FUNCTION lots_check_materials_told_v1();
DROP TRIGGER lots_materialuse_no_truncate ON lots_materialuse;
DROP TRIGGER lots_materialuse_append_only ON lots_materialuse;
DROP TRIGGER lots_materialuse_in_ledger ON lots_materialuse;
DROP FUNCTION lots_check_material_use_v1();

-- exchanged_seq: of the last event by which parts of that lot were really exchanged; null for none.
CREATE VIEW lots_material_used_v1 AS
SELECT
    used.id, used.event_id, used.lot_id, used.quantity,
    (
        SELECT MAX(told.seq)
        FROM lots_materialuse AS retold
        JOIN lots_event AS told ON told.id = retold.retold_by_id
        WHERE retold.event_id = used.event_id AND retold.lot_id = used.lot_id
            AND told.payload -> 'is_exchange' = 'true'
    ) AS exchanged_seq
FROM lots_materialuse AS used
WHERE used.quantity > 0
    AND NOT EXISTS (SELECT FROM lots_materialuse AS later WHERE later.replaces_id = used.id);

-- How lots came from another, but for those that gave material to an assembly by mistake only: the use that was told
-- with the link holds no more.
CREATE VIEW lots_lineage_now_v1 AS
SELECT link.id, link.parent_id, link.child_id, link.kind, link.event_id
FROM lots_lotlineage AS link
WHERE link.kind <> 'assemble' OR NOT EXISTS (
    SELECT FROM lots_materialuse AS first
    WHERE first.lot_id = link.parent_id AND first.replaces_id IS NULL
        AND COALESCE(first.retold_by_id, first.event_id) = link.event_id
        AND NOT EXISTS (
            SELECT FROM lots_material_used_v1 AS used
            WHERE used.event_id = first.event_id AND used.lot_id = first.lot_id
        )
);

CREATE FUNCTION lots_check_material_use_v2() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHERE told.id = NEW.retold_by_id AND told.verb = 'reissue' AND told.lot_id = assembly.lot_id
            AND told.payload -> 'assembly' = TO_JSONB(assembly.seq)
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

CREATE CONSTRAINT TRIGGER lots_materialuse_in_ledger AFTER INSERT ON lots_materialuse
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_material_use_v2();
CREATE TRIGGER lots_materialuse_append_only BEFORE UPDATE OR DELETE ON lots_materialuse
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_materialuse_no_truncate BEFORE TRUNCATE ON lots_materialuse
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();

CREATE FUNCTION lots_check_materials_told_v2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (
        SELECT jsonb_object_agg(lot.code, used.quantity) AS told
        FROM lots_materialuse AS used
        JOIN lots_lot AS lot ON lot.id = used.lot_id
        WHERE (used.event_id = NEW.id AND used.retold_by_id IS NULL) OR used.retold_by_id = NEW.id
    ) AS uses
    WHERE uses.told = NEW.payload -> 'materials';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % does not tell the uses of its material', NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_materials_told';
    END IF;
    IF NEW.verb = 'reissue' THEN
        PERFORM FROM lots_eventline AS line
        JOIN lots_lot AS lot ON lot.id = line.lot_id
        WHERE line.event_id = NEW.id AND line.kind IN ('consumed', 'produced')
        GROUP BY lot.product_id, line.unit_of_measure
        HAVING SUM(CASE line.kind WHEN 'consumed' THEN line.quantity ELSE -line.quantity END) <> 0;
        IF FOUND THEN
            RAISE EXCEPTION 'event % takes other material than it gives back', NEW.seq
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_reissue_balance';
        END IF;
        PERFORM FROM lots_eventline AS line
        WHERE line.event_id = NEW.id AND (
            line.kind NOT IN ('in', 'good', 'consumed', 'produced') OR NOT EXISTS (
                SELECT FROM lots_materialuse AS used
                WHERE used.retold_by_id = NEW.id AND used.lot_id = line.lot_id
            )
        );
        IF FOUND THEN
            RAISE EXCEPTION 'event % changes lots without telling their use', NEW.seq
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_reissue_told';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_event_materials_told AFTER INSERT ON lots_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((NEW.verb = 'assemble' AND NEW.payload ? 'materials') OR NEW.verb = 'reissue')
    EXECUTE FUNCTION lots_check_materials_told_v2();

-- A hold stops what leaves a lot now, not the word on what left it before.
CREATE FUNCTION lots_refuse_held_giving_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stop record;
BEGIN
    SELECT hold.reason, event.verb INTO stop
    FROM lots_hold AS hold
    JOIN lots_event AS event ON event.id = NEW.event_id
    WHERE hold.lot_id = NEW.lot_id AND hold.released_at IS NULL
        AND (hold.scope = 'lot' OR event.verb IN ('merge', 'dice', 'bin'))
        AND (event.verb <> 'reissue' OR event.payload -> 'is_exchange' = 'true')
    ORDER BY hold.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'lot % is on hold (%); % must wait', NEW.lot_id, stop.reason, stop.verb
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_eventline_not_held';
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER lots_eventline_not_held ON lots_eventline;
DROP FUNCTION lots_refuse_held_giving_v1();
CREATE TRIGGER lots_eventline_not_held BEFORE INSERT ON lots_eventline
    FOR EACH ROW WHEN (NEW.kind IN ('split-out', 'consumed'))
    EXECUTE FUNCTION lots_refuse_held_giving_v2();
