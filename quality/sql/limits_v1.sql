-- Purpose: a limit version keeps what it asked and computed; it is approved once, withdrawn once, never deleted.
-- Inputs: none; needs history_v1.sql. Rows: none. Reverse: limits_v1_drop.sql.

CREATE FUNCTION quality_guard_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    approval text[] := ARRAY['approved_by_id', 'approved_at', 'valid_from'];
    withdrawal text[] := ARRAY['withdrawn_by_id', 'withdrawn_at', 'withdrawn_reason'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_at IS NOT NULL OR NEW.withdrawn_at IS NOT NULL THEN
            RAISE EXCEPTION 'a limit version begins as a draft'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_limitversion_life';
        END IF;
        RETURN NEW;
    END IF;
    IF TO_JSONB(NEW) - approval - withdrawal <> TO_JSONB(OLD) - approval - withdrawal THEN
        RAISE EXCEPTION 'limit version % is frozen; prepare a newer one', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quality_limitversion_frozen';
    END IF;
    IF OLD.withdrawn_at IS NOT NULL OR (
        OLD.approved_at IS NOT NULL
        AND (NEW.approved_by_id, NEW.approved_at, NEW.valid_from)
        IS DISTINCT FROM (OLD.approved_by_id, OLD.approved_at, OLD.valid_from)
    ) OR (NEW.approved_at IS NULL AND NEW.valid_from IS DISTINCT FROM OLD.valid_from) THEN
        RAISE EXCEPTION 'limit version % is approved once and withdrawn once', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quality_limitversion_life';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quality_limitversion_guard
    BEFORE INSERT OR UPDATE ON quality_limitversion
    FOR EACH ROW EXECUTE FUNCTION quality_guard_limit();

CREATE TRIGGER quality_limitversion_no_delete
    BEFORE DELETE ON quality_limitversion
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_limitversion_no_truncate
    BEFORE TRUNCATE ON quality_limitversion
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

CREATE FUNCTION quality_guard_limit_lot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM quality_limitversion WHERE id = NEW.version_id AND approved_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'limit version % is approved; its history stands', NEW.version_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'quality_limitlot_frozen';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quality_limitlot_guard
    BEFORE INSERT ON quality_limitlot
    FOR EACH ROW EXECUTE FUNCTION quality_guard_limit_lot();

CREATE TRIGGER quality_limitlot_append_only
    BEFORE UPDATE OR DELETE ON quality_limitlot
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_limitlot_no_truncate
    BEFORE TRUNCATE ON quality_limitlot
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();
