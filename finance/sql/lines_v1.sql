-- Purpose: new lines go on from the head: to open periods only, seq by seq and transaction by transaction, each with
--          the hash of the line before it and of its own columns as docs/finance.md tells. The head's own line is there.
-- Inputs: the new lines of one statement. Rows expected: none.
CREATE FUNCTION finance_check_lines_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head record;
    wrong record;
BEGIN
    SELECT period.code, period.state INTO wrong
    FROM finance_period AS period
    WHERE period.state <> 'open' AND period.code IN (SELECT DISTINCT fresh.period FROM fresh)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'period % is %: post to an open one', wrong.code, wrong.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT
        coalesce(max(seq), 0) AS seq,
        coalesce(max(transaction), 0) AS transaction,
        coalesce(max(sha256), repeat('0', 64)) AS sha256
    INTO head
    FROM finance_ledgerhead
    WHERE name = 'finance';
    IF head.seq > 0 AND NOT EXISTS (
        SELECT FROM finance_ledgerentry WHERE seq = head.seq AND sha256 = head.sha256
    ) THEN
        RAISE EXCEPTION 'the head says row % with another hash: verify the subledger', head.seq
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT chained.* INTO wrong
    FROM (
        SELECT
            seq,
            sha256,
            transaction,
            head.seq + row_number() OVER by_seq AS due_seq,
            transaction - coalesce(lag(transaction) OVER by_seq, head.transaction) AS step,
            lag(seq) OVER by_seq IS NULL AS is_first,
            encode(sha256(convert_to(array_to_json(ARRAY[
                coalesce(lag(sha256) OVER by_seq, head.sha256), seq::text, transaction::text, line::text, kind, account,
                coalesce(stage, ''), item, coalesce(lot, ''), serial, quantity::text, unit_of_measure,
                coalesce(cost_version, ''), amount::text, currency, owner, custodian, effective_text, recorded_text,
                period, is_prior_period::text, coalesce(source_seq::text, ''), op_key, actor, approver,
                coalesce(reverses::text, ''), reason
            ])::text, 'UTF8')), 'hex') AS due_sha256
        FROM fresh
        WINDOW by_seq AS (ORDER BY seq)
    ) AS chained
    WHERE chained.seq <> chained.due_seq
        OR chained.step NOT BETWEEN chained.is_first::integer AND 1
        OR chained.sha256 <> chained.due_sha256
    ORDER BY chained.seq
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF wrong.seq <> wrong.due_seq THEN
        RAISE EXCEPTION 'row % is not the next one, which is %', wrong.seq, wrong.due_seq
            USING ERRCODE = 'check_violation';
    END IF;
    IF wrong.sha256 <> wrong.due_sha256 THEN
        RAISE EXCEPTION 'row % has not the hash of its content and of the row before it', wrong.seq
            USING ERRCODE = 'check_violation';
    END IF;
    RAISE EXCEPTION 'row % goes into transaction %, which is not the next one', wrong.seq, wrong.transaction
        USING ERRCODE = 'check_violation';
END
$$;

DROP TRIGGER finance_ledgerentry_period_open ON finance_ledgerentry;
DROP FUNCTION finance_refuse_closed_period_v1();
CREATE TRIGGER finance_ledgerentry_lines
    AFTER INSERT ON finance_ledgerentry
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION finance_check_lines_v1();
