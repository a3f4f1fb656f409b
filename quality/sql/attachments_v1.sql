-- Purpose: that a file of an issue was withdrawn is only added.
-- Inputs: none. Rows: none. Reverse: attachments_v1_drop.sql.

CREATE TRIGGER quality_attachmentwithdrawal_append_only
    BEFORE UPDATE OR DELETE ON quality_attachmentwithdrawal
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_attachmentwithdrawal_no_truncate
    BEFORE TRUNCATE ON quality_attachmentwithdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();
