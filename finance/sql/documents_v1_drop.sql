-- Purpose: undo documents_v1.sql, before write_downs_v1.sql is run again.
DROP TRIGGER finance_writedown_kept ON finance_writedown;
DROP TRIGGER finance_writedownline_kept ON finance_writedownline;
DROP FUNCTION finance_refuse_document_change_v1();
DROP FUNCTION finance_refuse_document_line_change_v1();
DROP TRIGGER finance_writtendownlot_append_only ON finance_writtendownlot;
DROP TRIGGER finance_writedown_no_truncate ON finance_writedown;
DROP TRIGGER finance_writedownline_no_truncate ON finance_writedownline;
DROP TRIGGER finance_writtendownlot_no_truncate ON finance_writtendownlot;
