-- Purpose: undo withdrawals_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER testing_run_stays_withdrawn ON testing_run;
DROP TRIGGER testing_runwithdrawal_no_truncate ON testing_runwithdrawal;
DROP TRIGGER testing_runwithdrawal_append_only ON testing_runwithdrawal;
