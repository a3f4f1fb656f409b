-- Purpose: undo merges_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_issueattachment_no_truncate ON quality_issueattachment;
DROP TRIGGER quality_issueattachment_append_only ON quality_issueattachment;
DROP TRIGGER quality_issue_merge_update ON quality_issue;
DROP TRIGGER quality_issue_merge_insert ON quality_issue;
DROP FUNCTION quality_guard_merge();
