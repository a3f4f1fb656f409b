-- Purpose: undo costs_late_v2.sql. Inputs: the new row of a cost version. Rows expected: none.
DROP TRIGGER finance_costversion_late ON finance_costversion;
DROP FUNCTION finance_refuse_late_costs_v2();

CREATE FUNCTION finance_refuse_late_costs_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told_id bigint;
BEGIN
    PERFORM FROM finance_period AS period
    WHERE period.state = 'soft-closed' AND period.ends_on >= NEW.effective_on
    FOR SHARE;
    IF NOT EXISTS (
        SELECT FROM finance_period AS period
        WHERE period.state = 'closed' AND period.ends_on >= NEW.effective_on
    ) THEN
        RETURN NEW;
    END IF;
    SELECT version.id INTO told_id
    FROM finance_costversion AS version
    WHERE version.approved_at IS NOT NULL AND version.effective_on < NEW.effective_on
    ORDER BY version.effective_on DESC
    LIMIT 1;
    IF EXISTS (
        SELECT FROM finance_standardcost AS told
        WHERE told.version_id = told_id AND NOT EXISTS (
            SELECT FROM finance_standardcost AS cost
            WHERE cost.version_id = NEW.id AND cost.item = told.item AND cost.stage = told.stage
                AND cost.unit_cost = told.unit_cost AND cost.yield_ratio IS NOT DISTINCT FROM told.yield_ratio
        )
    ) THEN
        RAISE EXCEPTION 'cost version % would change costs of a closed period', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER finance_costversion_late
    BEFORE UPDATE ON finance_costversion
    FOR EACH ROW WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_late_costs_v1();
