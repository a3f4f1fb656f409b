-- Purpose: an approved document and its lines never change; its preparer and what it says stay; it is prepared first
--          and approved then, by another (a CHECK of its table); history is not emptied. Write-downs come under it.
-- Inputs: the new or old row; what a document is called and, for a line, the document's table and the column that
--         names it. Rows expected: none.
CREATE FUNCTION finance_refuse_document_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    called text := TG_ARGV[0];
    approval text[] := ARRAY['approved_by_id', 'approved_at', 'transaction'];
    named text[] := ARRAY['op_key', 'asked_sha256'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.approved_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a % is prepared first, and approved then', called USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.approved_by_id IS NULL THEN
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF to_jsonb(NEW) - approval - named = to_jsonb(OLD) - approval - named
            AND (OLD.op_key = '' OR (NEW.op_key, NEW.asked_sha256) = (OLD.op_key, OLD.asked_sha256)) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% % stays as it was prepared: give it up and prepare another', called, OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RAISE EXCEPTION '% % is approved and posted: it is never changed', called, OLD.id
        USING ERRCODE = 'restrict_violation';
END
$$;

CREATE FUNCTION finance_refuse_document_line_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    called text := TG_ARGV[0];
    before_id bigint := CASE WHEN TG_OP <> 'INSERT' THEN (to_jsonb(OLD) ->> TG_ARGV[2])::bigint END;
    after_id bigint := CASE WHEN TG_OP <> 'DELETE' THEN (to_jsonb(NEW) ->> TG_ARGV[2])::bigint END;
    approved bigint;
BEGIN
    -- Locked, so that nobody approves it in the same moment.
    EXECUTE format('SELECT id FROM %I WHERE id IN ($1, $2) FOR SHARE', TG_ARGV[1]) USING before_id, after_id;
    EXECUTE format('SELECT min(id) FROM %I WHERE id IN ($1, $2) AND approved_by_id IS NOT NULL', TG_ARGV[1])
        INTO approved USING before_id, after_id;
    IF approved IS NOT NULL THEN
        RAISE EXCEPTION '% % is approved and posted: it is never changed', called, approved
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;

DROP TRIGGER finance_writedown_kept ON finance_writedown;
DROP TRIGGER finance_writedownline_kept ON finance_writedownline;
DROP FUNCTION finance_refuse_write_down_change_v1();
DROP FUNCTION finance_refuse_write_down_line_change_v1();
CREATE TRIGGER finance_writedown_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_writedown
    FOR EACH ROW EXECUTE FUNCTION finance_refuse_document_change_v1('write-down');
CREATE TRIGGER finance_writedownline_kept
    BEFORE INSERT OR UPDATE OR DELETE ON finance_writedownline
    FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_document_line_change_v1('write-down', 'finance_writedown', 'write_down_id');
