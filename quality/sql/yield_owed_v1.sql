-- Purpose: whatever changes the yield of a lot step puts it on the list of what is owed; the log of
-- restatements is only added to. Needs history_v1.sql.
-- Inputs: none. Rows: none. Reverse: yield_owed_v1_drop.sql.
-- A row that stands is counted up, not left: who is at work on it then sees that it was asked again.

CREATE FUNCTION quality_owe_yield_v1(lot_step_ids bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO quality_owedyield (lot_step_id, asked)
    SELECT lot_step_id, 1 FROM UNNEST(lot_step_ids) AS owed (lot_step_id) ORDER BY lot_step_id
    ON CONFLICT (lot_step_id) DO UPDATE SET asked = quality_owedyield.asked + 1
$$;

CREATE FUNCTION quality_lotstep_owes_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM quality_owe_yield_v1(ARRAY[NEW.id]);
    RETURN NULL;
END
$$;

CREATE TRIGGER quality_lotstep_is_new
    AFTER INSERT ON testing_lotstep FOR EACH ROW WHEN (NEW.revision > 0)
    EXECUTE FUNCTION quality_lotstep_owes_v1();

CREATE TRIGGER quality_lotstep_changed
    AFTER UPDATE ON testing_lotstep FOR EACH ROW WHEN (NEW.revision <> OLD.revision)
    EXECUTE FUNCTION quality_lotstep_owes_v1();

CREATE FUNCTION quality_lot_owes_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM quality_owe_yield_v1(
        ARRAY(SELECT id FROM testing_lotstep WHERE lot_id = NEW.id AND revision > 0)
    );
    RETURN NULL;
END
$$;

CREATE TRIGGER quality_lot_changed
    AFTER UPDATE ON lots_lot FOR EACH ROW
    WHEN ((NEW.product_id, NEW.purpose) IS DISTINCT FROM (OLD.product_id, OLD.purpose))
    EXECUTE FUNCTION quality_lot_owes_v1();

CREATE FUNCTION quality_downbin_owes_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM quality_owe_yield_v1(ARRAY(
            SELECT lot_step.id FROM testing_lotstep AS lot_step
            JOIN lots_lot AS lot ON lot.id = lot_step.lot_id
            JOIN lots_step AS step ON step.id = lot_step.step_id
            WHERE lot_step.revision > 0
                AND lot.product_id = OLD.product_id AND step.code = OLD.step_code
        ));
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM quality_owe_yield_v1(ARRAY(
            SELECT lot_step.id FROM testing_lotstep AS lot_step
            JOIN lots_lot AS lot ON lot.id = lot_step.lot_id
            JOIN lots_step AS step ON step.id = lot_step.step_id
            WHERE lot_step.revision > 0
                AND lot.product_id = NEW.product_id AND step.code = NEW.step_code
        ));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER quality_downbin_changed
    AFTER INSERT OR UPDATE OR DELETE ON quality_downbin
    FOR EACH ROW EXECUTE FUNCTION quality_downbin_owes_v1();

CREATE TRIGGER quality_yieldrestatement_append_only
    BEFORE UPDATE OR DELETE ON quality_yieldrestatement
    FOR EACH ROW EXECUTE FUNCTION quality_refuse_change();

CREATE TRIGGER quality_yieldrestatement_no_truncate
    BEFORE TRUNCATE ON quality_yieldrestatement
    FOR EACH STATEMENT EXECUTE FUNCTION quality_refuse_change();

SELECT quality_owe_yield_v1(ARRAY(SELECT id FROM testing_lotstep WHERE revision > 0));
