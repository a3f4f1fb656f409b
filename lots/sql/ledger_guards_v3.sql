-- Purpose: promises about holds, lines and units that were open to whoever writes past the services.
-- Inputs:  none; runs once. Rows expected: none.

-- 1. A hold is placed by its own event, goes on to another lot with the split or bin-down that took what it stops there,
--    and is released by an event of its own, or by the correction of the one that placed it.
CREATE FUNCTION lots_check_hold_told_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM lots_event
        WHERE id = NEW.placed_by_id AND verb = 'hold' AND lot_id = NEW.lot_id
            AND payload -> 'hold' = TO_JSONB(NEW.id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no event places hold %', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_hold_placed_in_ledger';
        END IF;
        RETURN NULL;
    END IF;
    IF NEW.lot_id <> OLD.lot_id THEN
        PERFORM FROM lots_event AS event
        JOIN lots_lot AS child ON child.code = event.payload ->> 'child'
        WHERE event.lot_id = OLD.lot_id AND event.verb IN ('split', 'bin') AND child.id = NEW.lot_id
            AND event.payload -> 'holds' @> TO_JSONB(NEW.id);
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no split takes hold % from lot % to lot %', NEW.id, OLD.lot_id, NEW.lot_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_hold_moved_in_ledger';
        END IF;
    END IF;
    IF OLD.released_at IS NULL AND NEW.released_at IS NOT NULL THEN
        PERFORM FROM lots_event
        WHERE id = NEW.released_by_id AND occurred_at = NEW.released_at
            AND (
                (verb = 'release' AND lot_id = NEW.lot_id AND payload -> 'hold' = TO_JSONB(NEW.id))
                OR (verb = 'correct' AND corrects_id = NEW.placed_by_id)
            );
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no event releases hold %', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_hold_released_in_ledger';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_hold_told AFTER INSERT OR UPDATE ON lots_hold
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lots_check_hold_told_v1();

-- 2. Lines come with their event, before the head goes on to it, and the head only ever goes on.
CREATE FUNCTION lots_check_lines_new_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told bigint;
BEGIN
    SELECT event.seq INTO told
    FROM written
    JOIN lots_event AS event ON event.id = written.event_id
    WHERE event.seq <= (SELECT MAX(head.seq) FROM lots_ledgerhead AS head)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'event % is told already; record a correcting event instead', told
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_eventline_with_its_event';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_eventline_with_its_event AFTER INSERT ON lots_eventline
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION lots_check_lines_new_v1();

CREATE FUNCTION lots_refuse_head_back_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the head of the ledger only goes on' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER lots_ledgerhead_goes_on BEFORE UPDATE ON lots_ledgerhead
    FOR EACH ROW WHEN (NEW.seq <= OLD.seq OR NEW.name <> OLD.name) EXECUTE FUNCTION lots_refuse_head_back_v1();
CREATE TRIGGER lots_ledgerhead_kept BEFORE DELETE ON lots_ledgerhead
    FOR EACH ROW WHEN (OLD.seq > 0) EXECUTE FUNCTION lots_refuse_head_back_v1();

-- 3. What a unit is never changes, for by that it may be part of another, hold parts or stand in a place. One that was
--    withdrawn is in nothing, and may come again as another thing.
CREATE FUNCTION lots_refuse_kind_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a %; it does not become a %', OLD.serial, OLD.kind, NEW.kind
        USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_unit_kind_kept';
END $$;

CREATE TRIGGER lots_unit_kind_kept BEFORE UPDATE OF kind ON lots_unit
    FOR EACH ROW WHEN (OLD.kind <> NEW.kind AND OLD.state <> 'withdrawn')
    EXECUTE FUNCTION lots_refuse_kind_change_v1();

-- 4. What was shipped on hold arrives where it was shipped from, not at a later step.
CREATE FUNCTION lots_refuse_held_v2() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF NEW.verb IN ('move', 'receive') THEN
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

DROP TRIGGER lots_event_not_held ON lots_event;
DROP FUNCTION lots_refuse_held_v1();
CREATE TRIGGER lots_event_not_held BEFORE INSERT ON lots_event
    FOR EACH ROW WHEN (
        NEW.verb IN (
            'move', 'split', 'merge', 'dice', 'assemble', 'ship', 'track-in', 'track-out', 'rework-out',
            'rework-in', 'bin', 'reroute'
        )
        OR (NEW.verb = 'receive' AND NEW.step_from_id IS NOT NULL)
    ) EXECUTE FUNCTION lots_refuse_held_v2();
