-- Purpose: let a reader begin to read the books, or say how long to wait. Counted are reads that came to an end within the
--          minute before, and reads that still run. One that a dead process left behind ends ten minutes after it began.
-- Inputs: the reader, the time, reads a minute. Rows expected: one, with the running read or the wait, and the ledger's end.
CREATE FUNCTION finance_begin_read_v1(
    reader integer, at timestamptz, a_minute integer, OUT running bigint, OUT wait interval, OUT end_seq bigint
) LANGUAGE plpgsql AS $$
DECLARE
    is_free_at timestamptz;
BEGIN
    -- One by one, so that reads that begin together count each other.
    PERFORM pg_advisory_xact_lock(hashtext('finance_runningread'), reader);
    DELETE FROM finance_runningread WHERE reader_id = reader AND began_at <= at - INTERVAL '10 minutes';
    -- A read that runs may end at once, and counts for a minute from then on.
    SELECT counted.until_at INTO is_free_at
    FROM (
        SELECT read_at + INTERVAL '1 minute' AS until_at FROM finance_ledgerread
        WHERE reader_id = reader AND read_at > at - INTERVAL '1 minute'
        UNION ALL
        SELECT at + INTERVAL '1 minute' FROM finance_runningread WHERE reader_id = reader
    ) AS counted
    ORDER BY counted.until_at DESC
    OFFSET greatest(a_minute - 1, 0)
    LIMIT 1;
    IF FOUND THEN
        wait := is_free_at - at;
        RETURN;
    END IF;
    INSERT INTO finance_runningread (reader_id, began_at) VALUES (reader, at) RETURNING id INTO running;
    SELECT coalesce(max(seq), 0) INTO end_seq FROM finance_ledgerentry;
END
$$;

-- Purpose: keep a read that came to an end; it runs no longer.
-- Inputs: the running read, NULL for none; columns of the read. Rows expected: one, of nothing.
CREATE FUNCTION finance_keep_read_v1(
    running bigint, reader integer, token text, asked text, kind text, as_of bigint, sent_rows bigint, whole boolean,
    sent_sha256 text, request text
) RETURNS void LANGUAGE sql AS $$
    DELETE FROM finance_runningread WHERE id = running;
    INSERT INTO finance_ledgerread
        (reader_id, token_key, query, media_type, as_of_seq, row_count, is_whole, sha256, request_id, read_at)
    VALUES (reader, token, asked, kind, as_of, sent_rows, whole, sent_sha256, request, clock_timestamp());
$$;
