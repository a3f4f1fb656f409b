-- Purpose: as costs_late_v1.sql where suppliers have costs of their own: what a supplier's lots cost is looked at, whichever
--          row says it, so that a row of its own that is new changes the cost it had of all others.
-- Inputs: the new row of a cost version. Rows expected: none.
CREATE FUNCTION finance_refuse_late_costs_v2() RETURNS trigger LANGUAGE plpgsql AS $$
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
        SELECT FROM finance_standardcost AS named
        CROSS JOIN LATERAL (
            SELECT cost.unit_cost, cost.yield_ratio
            FROM finance_standardcost AS cost
            WHERE cost.version_id = told_id AND cost.item = named.item AND cost.stage = named.stage
                AND (cost.supplier IS NULL OR cost.supplier = named.supplier)
            ORDER BY cost.supplier NULLS LAST
            LIMIT 1
        ) AS told
        LEFT JOIN LATERAL (
            SELECT cost.unit_cost, cost.yield_ratio
            FROM finance_standardcost AS cost
            WHERE cost.version_id = NEW.id AND cost.item = named.item AND cost.stage = named.stage
                AND (cost.supplier IS NULL OR cost.supplier = named.supplier)
            ORDER BY cost.supplier NULLS LAST
            LIMIT 1
        ) AS cost ON TRUE
        WHERE named.version_id IN (told_id, NEW.id)
            AND (told.unit_cost, told.yield_ratio) IS DISTINCT FROM (cost.unit_cost, cost.yield_ratio)
    ) THEN
        RAISE EXCEPTION 'cost version % would change costs of a closed period', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

DROP TRIGGER finance_costversion_late ON finance_costversion;
DROP FUNCTION finance_refuse_late_costs_v1();
CREATE TRIGGER finance_costversion_late
    BEFORE UPDATE ON finance_costversion
    FOR EACH ROW WHEN (OLD.approved_at IS NULL AND NEW.approved_at IS NOT NULL)
    EXECUTE FUNCTION finance_refuse_late_costs_v2();
