-- Purpose: what was approved is what is used: a waiver's terms stand, and its uses are only added; what an event used
-- comes back when the event is corrected, and never more than that.
-- Inputs:  none; runs once. Rows expected: none.
CREATE FUNCTION lots_refuse_frozen_waiver_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_columns text[] := ARRAY['used', 'revoked_at', 'revoked_by_id'];
    standing bigint;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.used < OLD.used THEN
        SELECT COALESCE(SUM(use.quantity), 0) INTO standing
        FROM lots_waiveruse AS use
        WHERE use.waiver_id = OLD.id AND NOT EXISTS (
            SELECT FROM lots_event AS undone WHERE undone.corrects_id = use.event_id AND undone.verb = 'correct'
        );
        IF NEW.used >= standing AND TO_JSONB(NEW) - 'used' = TO_JSONB(OLD) - 'used' THEN
            RETURN NEW;
        END IF;
    ELSIF TG_OP = 'UPDATE' AND NEW.requested_by_id = OLD.requested_by_id AND (
        OLD.approved_at IS NULL
        OR TO_JSONB(NEW) - open_columns = TO_JSONB(OLD) - open_columns
            AND (OLD.revoked_at IS NULL OR TO_JSONB(NEW) = TO_JSONB(OLD))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'waiver % is frozen; ask for a new one instead', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_waiver_frozen';
END $$;

DROP TRIGGER lots_waiver_frozen ON lots_waiver;
CREATE TRIGGER lots_waiver_frozen BEFORE UPDATE OR DELETE ON lots_waiver
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_waiver_v2();
DROP FUNCTION lots_refuse_frozen_waiver_v1();
