-- Purpose: undo export_guards_v1.sql.
DROP TRIGGER finance_exportfile_append_only ON finance_exportfile;
DROP TRIGGER finance_exportfile_no_truncate ON finance_exportfile;
DROP TRIGGER finance_exportjob_frozen ON finance_exportjob;
DROP FUNCTION finance_refuse_finished_export_v1();
