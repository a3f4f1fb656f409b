-- Purpose: let no use of a waiver come back again. Rows expected: none.
CREATE FUNCTION lots_refuse_frozen_waiver_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_columns text[] := ARRAY['used', 'revoked_at', 'revoked_by_id'];
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.requested_by_id = OLD.requested_by_id AND (
        OLD.approved_at IS NULL
        OR to_jsonb(NEW) - open_columns = to_jsonb(OLD) - open_columns
            AND NEW.used >= OLD.used
            AND (OLD.revoked_at IS NULL OR to_jsonb(NEW) = to_jsonb(OLD))
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'waiver % is frozen; ask for a new one instead', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_waiver_frozen';
END $$;

DROP TRIGGER lots_waiver_frozen ON lots_waiver;
CREATE TRIGGER lots_waiver_frozen BEFORE UPDATE OR DELETE ON lots_waiver
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_waiver_v1();
DROP FUNCTION lots_refuse_frozen_waiver_v2();
