-- Purpose: takes products_kept_v1.sql back.
-- Inputs: none. Rows expected: none.
DROP TRIGGER lots_product_kept ON lots_product;
DROP FUNCTION lots_refuse_other_product_v1();
