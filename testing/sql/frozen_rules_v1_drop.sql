-- Purpose: undo frozen_rules_v1.sql. Inputs: none. Rows: none.

DROP TRIGGER testing_retestrule_no_truncate ON testing_retestrule;
DROP TRIGGER testing_retestrule_frozen ON testing_retestrule;
