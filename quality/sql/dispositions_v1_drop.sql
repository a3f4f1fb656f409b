-- Purpose: undo dispositions_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER quality_dispositionact_no_truncate ON quality_dispositionact;
DROP TRIGGER quality_dispositionact_append_only ON quality_dispositionact;
DROP TRIGGER quality_signature_no_truncate ON quality_signature;
DROP TRIGGER quality_signature_no_delete ON quality_signature;
DROP TRIGGER quality_signature_guard ON quality_signature;
DROP FUNCTION quality_guard_signature();
DROP TRIGGER quality_disposition_no_truncate ON quality_disposition;
DROP TRIGGER quality_disposition_no_delete ON quality_disposition;
DROP TRIGGER quality_disposition_guard ON quality_disposition;
DROP FUNCTION quality_guard_disposition();
