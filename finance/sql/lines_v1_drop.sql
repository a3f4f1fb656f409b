-- Purpose: undo lines_v1.sql.
DROP TRIGGER finance_ledgerentry_lines ON finance_ledgerentry;
DROP FUNCTION finance_check_lines_v1();

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
