-- Purpose: an approved write-down and its lines never change; its preparer and what it says stay; it is prepared first
--          and approved then, by another (a CHECK); history is not emptied.
-- Inputs: the new or old row. Rows expected: none.
CREATE FUNCTION finance_refuse_write_down_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a write-down is prepared first, and approved then'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.approved_by_id IS NULL THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF (NEW.effective_on, NEW.reason, NEW.evidence, NEW.prepared_by_id, NEW.prepared_at)
            = (OLD.effective_on, OLD.reason, OLD.evidence, OLD.prepared_by_id, OLD.prepared_at)
            AND (OLD.op_key = '' OR (NEW.op_key, NEW.asked_sha256) = (OLD.op_key, OLD.asked_sha256)) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'write-down % stays as it was prepared: give it up and prepare another', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION 'write-down % is approved and posted: it is never changed', OLD.id
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER finance_writedown_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_writedown
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_write_down_change_v1();

CREATE FUNCTION finance_refuse_write_down_line_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    named bigint;
BEGIN
    -- Locked, so that nobody approves it in the same moment.
    PERFORM FROM finance_writedown AS document
    WHERE (TG_OP <> 'INSERT' AND document.id = OLD.write_down_id)
        OR (TG_OP <> 'DELETE' AND document.id = NEW.write_down_id)
    FOR SHARE;
    SELECT document.id INTO named
    FROM finance_writedown AS document
    WHERE document.approved_by_id IS NOT NULL
        AND ((TG_OP <> 'INSERT' AND document.id = OLD.write_down_id)
            OR (TG_OP <> 'DELETE' AND document.id = NEW.write_down_id))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'write-down % is approved and posted: it is never changed', named
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

CREATE TRIGGER finance_writedownline_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_writedownline
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_write_down_line_change_v1();

CREATE TRIGGER finance_writtendownlot_append_only
    BEFORE UPDATE OR DELETE ON finance_writtendownlot
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_change_v1();

CREATE TRIGGER finance_writedown_no_truncate
    BEFORE TRUNCATE ON finance_writedown
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
CREATE TRIGGER finance_writedownline_no_truncate
    BEFORE TRUNCATE ON finance_writedownline
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
CREATE TRIGGER finance_writtendownlot_no_truncate
    BEFORE TRUNCATE ON finance_writtendownlot
    FOR EACH STATEMENT EXECUTE FUNCTION finance_refuse_change_v1();
