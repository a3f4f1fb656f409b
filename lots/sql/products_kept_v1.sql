-- Purpose: whose a product is, and whether it is engineering material, stays once there is a lot of it: the books tell by it
--          whom what comes in is owed to, and what it is worth. One from another supplier is another product.
-- Inputs: the new row. Rows expected: none.
CREATE FUNCTION lots_refuse_other_product_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever makes a lot of it in the same moment is waited for.
    PERFORM FROM lots_product WHERE id = NEW.id FOR UPDATE;
    IF EXISTS (SELECT FROM lots_lot WHERE product_id = NEW.id) THEN
        RAISE EXCEPTION 'product % has lots: its supplier, and whether it is engineering material, stay', NEW.code
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER lots_product_kept
    BEFORE UPDATE ON lots_product
    FOR EACH ROW
    WHEN ((OLD.supplier_id, OLD.is_engineering) IS DISTINCT FROM (NEW.supplier_id, NEW.is_engineering))
    EXECUTE FUNCTION lots_refuse_other_product_v1();
