-- Purpose: history is added to, never changed. Refuses UPDATE, DELETE and TRUNCATE of the subledger.
-- Inputs: none. Rows expected: none.
CREATE FUNCTION finance_refuse_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: post a reversing entry instead', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_ledgerentry_append_only
    BEFORE UPDATE OR DELETE ON finance_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change_v1();

CREATE TRIGGER finance_ledgerentry_no_truncate
    BEFORE TRUNCATE ON finance_ledgerentry
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();

CREATE TRIGGER finance_ledgerread_append_only
    BEFORE UPDATE OR DELETE ON finance_ledgerread
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change_v1();

CREATE TRIGGER finance_ledgerread_no_truncate
    BEFORE TRUNCATE ON finance_ledgerread
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
