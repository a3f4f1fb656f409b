-- Purpose: an approved plan of assets and its lines never change; its preparer stays; it is prepared first.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_approved_plan_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_at IS NOT NULL THEN
            RAISE EXCEPTION 'plan of assets % is prepared first, and approved then', NEW.code
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'plan of assets % is approved: make a new one', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_assetplan_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_assetplan
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_plan_v1();

CREATE TRIGGER finance_assetplan_preparer
    BEFORE UPDATE ON finance_assetplan
    FOR EACH ROW WHEN (OLD.prepared_by_id IS DISTINCT FROM NEW.prepared_by_id)
    EXECUTE FUNCTION finance_refuse_other_preparer_v1();

CREATE FUNCTION finance_refuse_approved_plan_line_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    -- Locked, so that nobody approves it in the same moment.
    PERFORM FROM finance_assetplan AS plan
    WHERE (TG_OP <> 'INSERT' AND plan.id = OLD.plan_id) OR (TG_OP <> 'DELETE' AND plan.id = NEW.plan_id)
    FOR SHARE;
    SELECT plan.code INTO code
    FROM finance_assetplan AS plan
    WHERE plan.approved_at IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND plan.id = OLD.plan_id) OR (TG_OP <> 'DELETE' AND plan.id = NEW.plan_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'plan of assets % is approved: make a new one', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_assetplanline_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_assetplanline
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_plan_line_v1();

CREATE FUNCTION finance_refuse_plans_gone_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not emptied: approved plans stand in it', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_assetplan_no_truncate
    BEFORE TRUNCATE ON finance_assetplan
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_plans_gone_v1();
CREATE TRIGGER finance_assetplanline_no_truncate
    BEFORE TRUNCATE ON finance_assetplanline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_plans_gone_v1();
