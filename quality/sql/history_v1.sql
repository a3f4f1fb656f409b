-- Purpose: issues keep the evidence they were raised on, and their history is only added to.
-- Inputs: none. Rows: none. Reverse: history_v1_drop.sql.

CREATE FUNCTION quality_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: history is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER quality_issueevent_append_only
    BEFORE UPDATE OR DELETE ON quality_issueevent
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_issueevent_no_truncate
    BEFORE TRUNCATE ON quality_issueevent
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_issue_no_delete
    BEFORE DELETE ON quality_issue
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_issue_no_truncate
    BEFORE TRUNCATE ON quality_issue
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_issue_frozen
    BEFORE UPDATE ON quality_issue
    FOR EACH ROW
    WHEN (
        (OLD.number, OLD.rule_id, OLD.cause_key, OLD.evidence, OLD.opened_at)
        IS DISTINCT FROM
        (NEW.number, NEW.rule_id, NEW.cause_key, NEW.evidence, NEW.opened_at)
    )
    EXECUTE FUNCTION quality_refuse_change();
