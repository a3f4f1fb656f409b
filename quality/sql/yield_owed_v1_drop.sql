-- Purpose: undo yield_owed_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_yieldrestatement_no_truncate ON quality_yieldrestatement;
DROP TRIGGER quality_yieldrestatement_append_only ON quality_yieldrestatement;
DROP TRIGGER quality_downbin_changed ON quality_downbin;
DROP FUNCTION quality_downbin_owes_v1();
DROP TRIGGER quality_lot_changed ON lots_lot;
DROP FUNCTION quality_lot_owes_v1();
DROP TRIGGER quality_lotstep_changed ON testing_lotstep;
DROP TRIGGER quality_lotstep_is_new ON testing_lotstep;
DROP FUNCTION quality_lotstep_owes_v1();
DROP FUNCTION quality_owe_yield_v1(bigint[]);
