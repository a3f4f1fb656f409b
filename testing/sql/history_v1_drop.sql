-- Purpose: undo history_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER testing_conflictdecision_no_truncate ON testing_conflictdecision;
DROP TRIGGER testing_conflictdecision_append_only ON testing_conflictdecision;
DROP TRIGGER testing_restatement_no_truncate ON testing_restatement;
DROP TRIGGER testing_restatement_append_only ON testing_restatement;
DROP FUNCTION testing_refuse_change_v1();
