-- Purpose: a bin table that names more bins puts its revision on the list of what is owed: lots tested before were judged
-- by fewer, or by none.
-- Inputs: none. Rows: none. Reverse: bin_tables_v1_drop.sql.

CREATE FUNCTION quality_bin_table_owes_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO quality_pendingtable (revision_id, after_lot_id)
    SELECT DISTINCT revision_id, 0 FROM named ORDER BY revision_id
    ON CONFLICT (revision_id) DO UPDATE SET after_lot_id = 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER quality_bin_table_grew
    AFTER INSERT ON testing_bindefinition REFERENCING NEW TABLE AS named
    FOR EACH STATEMENT EXECUTE FUNCTION quality_bin_table_owes_v1();
