-- Purpose: promises of the event ledger that no code path can break, whoever writes.
-- Inputs:  none; runs once. Rows expected: the ledger's head.
INSERT INTO lots_ledgerhead (name, seq, sha256) VALUES ('lots', 0, repeat('0', 64))
ON CONFLICT DO NOTHING;

-- 1. History is added to, never edited.
CREATE FUNCTION lots_refuse_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; record a correcting event instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER lots_event_append_only BEFORE UPDATE OR DELETE ON lots_event
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_event_no_truncate BEFORE TRUNCATE ON lots_event
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_eventline_append_only BEFORE UPDATE OR DELETE ON lots_eventline
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_change_v1();
CREATE TRIGGER lots_eventline_no_truncate BEFORE TRUNCATE ON lots_eventline
    FOR EACH STATEMENT EXECUTE FUNCTION lots_refuse_change_v1();

-- 2. Events follow one another without a gap, and each vouches for the one before.
CREATE FUNCTION lots_check_sequence_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq = 1 AND NEW.previous_sha256 = repeat('0', 64) THEN
        RETURN NEW;
    END IF;
    PERFORM FROM lots_event WHERE seq = NEW.seq - 1 AND sha256 = NEW.previous_sha256;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'event % does not follow the one before it', NEW.seq
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_event_sequence';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lots_event_sequence BEFORE INSERT ON lots_event
    FOR EACH ROW EXECUTE FUNCTION lots_check_sequence_v1();

-- 3. What came in equals what went out, and "in" is the "good" of the lot's event before.
CREATE FUNCTION lots_check_balance_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    difference bigint;
    came_in bigint;
    remained bigint;
    before bigint;
BEGIN
    SELECT
        sum(CASE WHEN kind IN ('in', 'bonus', 'merge-in', 'produced') THEN quantity
            ELSE -quantity END),
        sum(quantity) FILTER (WHERE kind = 'in'),
        sum(quantity) FILTER (WHERE kind = 'good')
    INTO difference, came_in, remained
    FROM lots_eventline
    WHERE event_id = NEW.event_id AND lot_id = NEW.lot_id
        AND unit_of_measure = NEW.unit_of_measure;
    IF difference <> 0 OR came_in IS NULL OR remained IS NULL THEN
        RAISE EXCEPTION 'lot % is out of balance by % % in event %',
            NEW.lot_id, difference, NEW.unit_of_measure, NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_eventline_balance';
    END IF;
    SELECT quantity INTO before
    FROM lots_eventline
    WHERE lot_id = NEW.lot_id AND unit_of_measure = NEW.unit_of_measure AND kind = 'good'
        AND id < NEW.id AND event_id <> NEW.event_id
    ORDER BY id DESC
    LIMIT 1;
    IF before IS NULL THEN
        PERFORM FROM lots_event WHERE id = NEW.event_id AND verb = 'receive';
        before := CASE WHEN FOUND THEN came_in ELSE 0 END;
    END IF;
    IF came_in <> before THEN
        RAISE EXCEPTION 'lot % had % %, but % came into event %',
            NEW.lot_id, before, NEW.unit_of_measure, came_in, NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_eventline_continuity';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_eventline_balanced AFTER INSERT ON lots_eventline
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION lots_check_balance_v1();

-- 4. What one lot gives, another takes, in the same event.
CREATE FUNCTION lots_check_transfer_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    difference bigint;
BEGIN
    SELECT sum(CASE WHEN kind = 'merge-in' THEN quantity ELSE -quantity END) INTO difference
    FROM lots_eventline
    WHERE event_id = NEW.event_id AND unit_of_measure = NEW.unit_of_measure
        AND kind IN ('merge-in', 'split-out');
    IF difference <> 0 THEN
        RAISE EXCEPTION '% % were lost between lots in event %',
            difference, NEW.unit_of_measure, NEW.event_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_eventline_transfer';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_eventline_transferred AFTER INSERT ON lots_eventline
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind IN ('merge-in', 'split-out'))
    EXECUTE FUNCTION lots_check_transfer_v1();

-- 5. A lot's quantity is what its last event left, in the lot's unit of measure.
CREATE FUNCTION lots_check_projection_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint := CASE TG_TABLE_NAME WHEN 'lots_lot' THEN (to_jsonb(NEW) ->> 'id')::bigint
        ELSE (to_jsonb(NEW) ->> 'lot_id')::bigint END;
    stands record;
    remained bigint;
BEGIN
    SELECT id, code, quantity, unit_of_measure INTO stands FROM lots_lot WHERE id = wanted;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT quantity INTO remained
    FROM lots_eventline
    WHERE lot_id = wanted AND unit_of_measure = stands.unit_of_measure AND kind = 'good'
    ORDER BY id DESC
    LIMIT 1;
    IF stands.quantity <> coalesce(remained, 0) THEN
        RAISE EXCEPTION 'lot % says % %, its ledger says %',
            stands.code, stands.quantity, stands.unit_of_measure, coalesce(remained, 0)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_lot_projection';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER lots_lot_projected AFTER INSERT OR UPDATE OF quantity, unit_of_measure
    ON lots_lot DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION lots_check_projection_v1();
CREATE CONSTRAINT TRIGGER lots_eventline_projected AFTER INSERT ON lots_eventline
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.kind = 'good') EXECUTE FUNCTION lots_check_projection_v1();
