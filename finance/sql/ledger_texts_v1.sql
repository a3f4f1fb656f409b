-- Purpose: a day and a moment as exports write them, so that the ledger can keep both texts beside
--          the values: written out anew for each row, they took a third of an export's time.
--          to_char is only as changeable as names of months and zones, of which these use none.
CREATE FUNCTION finance_day_text(day date) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_char(day, 'YYYY-MM-DD');

CREATE FUNCTION finance_moment_text(moment timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
