-- Purpose: an approved cost version and its costs never change; a closed period takes no entry.
-- Inputs: the new or old row. Rows expected: none.
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

CREATE FUNCTION finance_refuse_closed_period_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    code text;
BEGIN
    SELECT period.code INTO code
    FROM finance_period AS period
    WHERE period.state = 'closed' AND period.code IN (SELECT DISTINCT fresh.period FROM fresh)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'period % is closed: post to an open one', code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER finance_ledgerentry_period_open
    AFTER INSERT ON finance_ledgerentry
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_closed_period_v1();
