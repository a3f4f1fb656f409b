-- Purpose: undo balance_v3.sql.
DROP TRIGGER finance_ledgerentry_balance ON finance_ledgerentry;
DROP FUNCTION finance_check_balance_v3();

CREATE FUNCTION finance_check_balance_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    IF NEW.seq < 1 THEN
        RAISE EXCEPTION 'seq % is not counted from one', NEW.seq USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.seq > 1 AND NOT EXISTS (SELECT FROM finance_ledgerentry WHERE seq = NEW.seq - 1) THEN
        RAISE EXCEPTION 'seq % has no row before it', NEW.seq USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (SELECT FROM finance_ledgerentry WHERE seq = NEW.seq + 1 AND transaction = NEW.transaction) THEN
        RETURN NULL;
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

CREATE CONSTRAINT TRIGGER finance_ledgerentry_balance
    AFTER INSERT ON finance_ledgerentry
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION finance_check_balance_v2();
