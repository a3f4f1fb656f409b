-- Purpose: promises about holds and genealogy that no code path can break, whoever writes.
-- Inputs:  none; runs once. Rows expected: none.

-- 1. No verb that adds value on what is on hold. A hold on wafers or units stops what takes the lot as a whole;
--    a hold on the whole lot stops also what takes a part of it.
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

CREATE TRIGGER lots_eventline_not_held BEFORE INSERT ON lots_eventline
    FOR EACH ROW WHEN (NEW.kind IN ('split-out', 'consumed'))
    EXECUTE FUNCTION lots_refuse_held_giving_v1();

-- 2. What is on hold, by itself, its wafer or its lot, is built into nothing; and a part ranks below what it is
--    built into, so that nothing can ever contain itself.
CREATE FUNCTION lots_unit_rank_v1(kind text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE kind
        WHEN 'die' THEN 1 WHEN 'component' THEN 1
        WHEN 'package' THEN 2 WHEN 'switch' THEN 2
        WHEN 'board' THEN 3
        WHEN 'sled' THEN 4
        WHEN 'server' THEN 5 WHEN 'system' THEN 5
        WHEN 'ultraserver' THEN 6
    END
$$;

CREATE FUNCTION lots_check_edges_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    fault record;
BEGIN
    SELECT child.serial AS child, child.kind AS child_kind, parent.serial AS parent, parent.kind AS parent_kind
    INTO fault
    FROM edges
    JOIN lots_unit AS child ON child.id = edges.child_id
    JOIN lots_unit AS parent ON parent.id = edges.parent_id
    WHERE lots_unit_rank_v1(child.kind) < lots_unit_rank_v1(parent.kind) IS NOT TRUE
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% (%) cannot be part of % (%)',
            fault.child, fault.child_kind, fault.parent, fault.parent_kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_genealogy_rank';
    END IF;
    PERFORM FROM lots_hold WHERE released_at IS NULL LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT child.serial, stop.reason INTO fault
    FROM edges
    JOIN lots_unit AS child ON child.id = edges.child_id
    CROSS JOIN LATERAL (
        SELECT hold.reason
        FROM lots_hold AS hold
        WHERE hold.lot_id = child.lot_id AND hold.scope = 'lot' AND hold.released_at IS NULL
        UNION ALL
        SELECT hold.reason
        FROM lots_holditem AS item
        JOIN lots_hold AS hold ON hold.id = item.hold_id AND hold.released_at IS NULL
        WHERE item.unit_id = child.id
        UNION ALL
        SELECT hold.reason
        FROM lots_holditem AS item
        JOIN lots_hold AS hold ON hold.id = item.hold_id AND hold.released_at IS NULL
        WHERE item.wafer_id = child.wafer_id
    ) AS stop
    WHERE edges.valid_to IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is on hold (%); it cannot be built into anything', fault.serial, fault.reason
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_genealogy_not_held';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_genealogy_checked AFTER INSERT ON lots_genealogy
    REFERENCING NEW TABLE AS edges
    FOR EACH STATEMENT EXECUTE FUNCTION lots_check_edges_v1();

-- 3. An edge is opened once and closed once; which units it joins never changes.
CREATE FUNCTION lots_refuse_edge_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL
        AND (NEW.parent_id, NEW.child_id, NEW.position, NEW.valid_from, NEW.opened_by_id)
            = (OLD.parent_id, OLD.child_id, OLD.position, OLD.valid_from, OLD.opened_by_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a genealogy edge is only ever closed; record a swap instead'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER lots_genealogy_only_closed BEFORE UPDATE OR DELETE ON lots_genealogy
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_edge_change_v1();
CREATE TRIGGER lots_genealogy_no_truncate BEFORE TRUNCATE ON lots_genealogy
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();

-- 4. A hold is placed, may follow its items, change owner and day, and is released once. It is never deleted.
CREATE FUNCTION lots_refuse_hold_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.released_at IS NULL
        AND (NEW.hold_class, NEW.reason, NEW.scope, NEW.placed_at, NEW.placed_by_id)
            = (OLD.hold_class, OLD.reason, OLD.scope, OLD.placed_at, OLD.placed_by_id)
        AND NEW.bin_number IS NOT DISTINCT FROM OLD.bin_number
        AND NEW.releasing_role_id IS NOT DISTINCT FROM OLD.releasing_role_id
        AND (NEW.lot_id = OLD.lot_id OR NEW.scope <> 'lot') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a hold is released, never changed or deleted; place another one'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER lots_hold_kept BEFORE UPDATE OR DELETE ON lots_hold
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_hold_change_v1();
CREATE TRIGGER lots_hold_no_truncate BEFORE TRUNCATE ON lots_hold
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_holditem_kept BEFORE UPDATE OR DELETE ON lots_holditem
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_holditem_no_truncate BEFORE TRUNCATE ON lots_holditem
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();
