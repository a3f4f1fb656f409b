-- Purpose: as balance_v2.sql. That seq goes up by one is seen to by lines_v1.sql, for all rows of a statement at once; at
--          the end the head counts every row, or the next transaction would not find its place.
-- Inputs: the new row. Rows expected: none.
CREATE FUNCTION finance_check_balance_v3() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    IF EXISTS (SELECT FROM finance_ledgerentry WHERE seq = NEW.seq + 1 AND transaction = NEW.transaction) THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM finance_ledgerhead WHERE name = 'finance' AND seq >= NEW.seq) THEN
        RAISE EXCEPTION 'row % is behind the head, which does not count it', NEW.seq USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce(unit_of_measure, 'amount') AS measure, sum(quantity) AS quantity, sum(amount) AS amount
    INTO wrong
    FROM finance_ledgerentry
    WHERE transaction = NEW.transaction
    GROUP BY GROUPING SETS ((unit_of_measure), ())
    HAVING (GROUPING(unit_of_measure) = 0 AND sum(quantity) <> 0)
        OR (GROUPING(unit_of_measure) = 1 AND sum(amount) <> 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transaction % does not balance: % by quantity %, amount %',
            NEW.transaction, wrong.measure, wrong.quantity, wrong.amount
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER finance_ledgerentry_balance ON finance_ledgerentry;
DROP FUNCTION finance_check_balance_v2();
CREATE CONSTRAINT TRIGGER finance_ledgerentry_balance
    AFTER INSERT ON finance_ledgerentry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION finance_check_balance_v3();
