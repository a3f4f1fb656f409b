-- Purpose: takes back bin_tables_v1.sql.
-- Inputs: none. Rows: none.

DROP TRIGGER quality_bin_table_grew ON testing_bindefinition;
DROP FUNCTION quality_bin_table_owes_v1();
