-- Purpose: undo history_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_issue_frozen ON quality_issue;
DROP TRIGGER quality_issue_no_truncate ON quality_issue;
DROP TRIGGER quality_issue_no_delete ON quality_issue;
DROP TRIGGER quality_issueevent_no_truncate ON quality_issueevent;
DROP TRIGGER quality_issueevent_append_only ON quality_issueevent;
DROP FUNCTION quality_refuse_change();
