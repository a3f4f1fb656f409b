-- Purpose: files of an export never change, and a finished export stays as it is.
-- Inputs: the new or old row. Rows expected: none.
CREATE TRIGGER finance_exportfile_append_only
    BEFORE UPDATE OR DELETE ON finance_exportfile
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change_v1();

CREATE TRIGGER finance_exportfile_no_truncate
    BEFORE TRUNCATE ON finance_exportfile
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();

CREATE FUNCTION finance_refuse_finished_export_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('ready', 'failed') THEN
        RAISE EXCEPTION 'export % is finished: ask for another', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_exportjob_frozen
    BEFORE UPDATE OR DELETE ON finance_exportjob
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_finished_export_v1();
