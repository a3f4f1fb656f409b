-- Purpose: undo frozen_v2.sql.
DROP TRIGGER finance_entity_kept ON finance_entity;
DROP FUNCTION finance_refuse_other_books_v1();
DROP TRIGGER finance_periodclose_prepared ON finance_periodclose;
DROP FUNCTION finance_refuse_early_close_v1();
DROP TRIGGER finance_period_kept ON finance_period;
DROP FUNCTION finance_refuse_period_change_v1();
DROP TRIGGER finance_costassumption_frozen ON finance_costassumption;
DROP TRIGGER finance_standardcost_frozen ON finance_standardcost;
DROP FUNCTION finance_refuse_approved_cost_v2();
DROP TRIGGER finance_costversion_frozen ON finance_costversion;
DROP FUNCTION finance_refuse_approved_version_v2();

CREATE FUNCTION finance_refuse_approved_version_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'cost version % is approved: make a new one', OLD.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_costversion_frozen
    BEFORE UPDATE OR DELETE ON finance_costversion
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_version_v1();

CREATE FUNCTION finance_refuse_approved_cost_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    SELECT version.code INTO code
    FROM finance_costversion AS version
    WHERE version.approved_at IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND version.id = OLD.version_id)
            OR (TG_OP <> 'DELETE' AND version.id = NEW.version_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cost version % is approved: make a new one', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_standardcost_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_standardcost
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_cost_v1();
CREATE TRIGGER finance_costassumption_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON finance_costassumption
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_approved_cost_v1();
