-- Purpose: undo recounts_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER testing_burninrecount_no_truncate ON testing_burninrecount;
DROP TRIGGER testing_burninrecount_append_only ON testing_burninrecount;
