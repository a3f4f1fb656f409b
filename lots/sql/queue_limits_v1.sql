-- Purpose: a queue-time limit joins two steps of one route version, in their order, and is frozen with it.
-- Inputs:  none; runs once. Rows expected: none.
CREATE FUNCTION lots_refuse_odd_limit_v1() RETURNS trigger LANGUAGE plpgsql AS $$
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
        RAISE EXCEPTION 'limits of a released route version are frozen; draft a new version instead'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lots_queuelimit_frozen';
    END IF;
    IF TG_OP <> 'DELETE' AND NOT EXISTS (
        SELECT FROM lots_step AS first
        JOIN lots_step AS last ON last.route_version_id = first.route_version_id
        WHERE first.id = NEW.from_step_id AND last.id = NEW.to_step_id
            AND first.route_version_id = NEW.route_version_id AND first.sequence < last.sequence
    ) THEN
        RAISE EXCEPTION 'a queue-time limit joins two steps of its route version, the earlier one first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_queuelimit_order';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER lots_queuelimit_frozen BEFORE INSERT OR UPDATE OR DELETE ON lots_queuelimit
    FOR EACH ROW EXECUTE FUNCTION lots_refuse_odd_limit_v1();

-- Steps of a draft may be put in another order after the limit was written: looked at once more at the release.
CREATE FUNCTION lots_refuse_odd_limits_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM lots_queuelimit AS span
        JOIN lots_step AS first ON first.id = span.from_step_id
        JOIN lots_step AS last ON last.id = span.to_step_id
        WHERE span.route_version_id = NEW.id
            AND (first.sequence >= last.sequence OR NEW.id <> ALL (ARRAY[first.route_version_id, last.route_version_id]))
    ) THEN
        RAISE EXCEPTION 'a queue-time limit joins two steps of its route version, the earlier one first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lots_queuelimit_order';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lots_routeversion_limits BEFORE UPDATE ON lots_routeversion
    FOR EACH ROW WHEN (OLD.state = 'draft' AND NEW.state <> 'draft')
    EXECUTE FUNCTION lots_refuse_odd_limits_v1();
