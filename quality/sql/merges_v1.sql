-- Purpose: an issue is merged into an open one only, never in a chain or a circle; attachments are only added.
-- Inputs: none. Rows: none. Reverse: merges_v1_drop.sql.

CREATE FUNCTION quality_guard_merge() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target_state text;
BEGIN
    IF NEW.merged_into_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.merged_into_id IS NOT NULL THEN
        RAISE EXCEPTION 'issue % cannot be merged as it stands; separate it first', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_issue_merged_once';
    END IF;
    SELECT state INTO target_state FROM quality_issue WHERE id = NEW.merged_into_id FOR SHARE;
    IF NEW.merged_into_id = NEW.id
        OR target_state NOT IN ('open', 'acknowledged', 'investigating')
    THEN
        RAISE EXCEPTION 'issue % can only be merged into another that is open', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_issue_merged_into_open';
    END IF;
    IF EXISTS (SELECT FROM quality_issue WHERE merged_into_id = NEW.id) THEN
        RAISE EXCEPTION 'issue % has others merged into it', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'quality_issue_merged_flat';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER quality_issue_merge_insert
    BEFORE INSERT ON quality_issue
    FOR EACH ROW EXECUTE FUNCTION quality_guard_merge();

CREATE TRIGGER quality_issue_merge_update
    BEFORE UPDATE ON quality_issue
    FOR EACH ROW
    WHEN (OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id)
    EXECUTE FUNCTION quality_guard_merge();

CREATE TRIGGER quality_issueattachment_append_only
    BEFORE UPDATE OR DELETE ON quality_issueattachment
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_issueattachment_no_truncate
    BEFORE TRUNCATE ON quality_issueattachment
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();
