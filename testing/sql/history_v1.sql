-- Purpose: how figures changed and what people decided about identities is only added to.
-- Inputs: none. Rows: none. Reverse: history_v1_drop.sql.

CREATE FUNCTION testing_refuse_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: history is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER testing_restatement_append_only
    BEFORE UPDATE OR DELETE ON testing_restatement
    FOR EACH ROW EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_restatement_no_truncate
    BEFORE TRUNCATE ON testing_restatement
    FOR EACH STATEMENT EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_conflictdecision_append_only
    BEFORE UPDATE OR DELETE ON testing_conflictdecision
    FOR EACH ROW EXECUTE FUNCTION testing_refuse_change_v1();

CREATE TRIGGER testing_conflictdecision_no_truncate
    BEFORE TRUNCATE ON testing_conflictdecision
    FOR EACH STATEMENT EXECUTE FUNCTION testing_refuse_change_v1();
