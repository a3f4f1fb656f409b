-- Purpose: what a version of a route or bill of materials says is frozen once it is released.
-- Inputs:  none; runs once. Rows expected: none.

-- 1. Steps and lines change only while their version is a draft.
CREATE FUNCTION lots_refuse_frozen_step_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_frozen boolean;
BEGIN
    SELECT bool_or(version.state <> 'draft') INTO is_frozen
    FROM (
        SELECT state FROM lots_routeversion
        WHERE id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.route_version_id END,
            CASE WHEN TG_OP <> 'DELETE' THEN NEW.route_version_id END
        )
        FOR SHARE  -- a release under way is waited for
    ) AS version;
    IF is_frozen THEN
        RAISE EXCEPTION 'steps of a released route version are frozen; draft a new version instead'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_step_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER lots_step_frozen BEFORE INSERT OR UPDATE OR DELETE ON lots_step
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_step_v1();

CREATE FUNCTION lots_refuse_frozen_line_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_frozen boolean;
BEGIN
    SELECT bool_or(version.state <> 'draft') INTO is_frozen
    FROM (
        SELECT state FROM lots_bill
        WHERE id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.bill_id END,
            CASE WHEN TG_OP <> 'DELETE' THEN NEW.bill_id END
        )
        FOR SHARE  -- a release under way is waited for
    ) AS version;
    IF is_frozen THEN
        RAISE EXCEPTION
            'lines of a released bill of materials are frozen; draft a new version instead'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_billline_frozen';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER lots_billline_frozen BEFORE INSERT OR UPDATE OR DELETE ON lots_billline
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_line_v1();

-- 2. A version goes from draft to released to retired, and says the same all the way.
CREATE FUNCTION lots_refuse_frozen_version_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE'
        AND to_jsonb(NEW) - 'state' = to_jsonb(OLD) - 'state'
        AND (NEW.state = OLD.state OR OLD.state = 'released' AND NEW.state = 'retired')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% % is %; draft a new version instead', TG_TABLE_NAME, OLD.id, OLD.state
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_frozen';
END $$;

CREATE TRIGGER lots_routeversion_frozen BEFORE UPDATE OR DELETE ON lots_routeversion
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_version_v1();
CREATE TRIGGER lots_bill_frozen BEFORE UPDATE OR DELETE ON lots_bill
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_frozen_version_v1();
