-- Purpose: undo attachments_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_attachmentwithdrawal_no_truncate ON quality_attachmentwithdrawal;
DROP TRIGGER quality_attachmentwithdrawal_append_only ON quality_attachmentwithdrawal;
