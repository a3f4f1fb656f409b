-- Purpose: undo ledger_texts_v1.sql.
DROP FUNCTION finance_moment_text(timestamptz);
DROP FUNCTION finance_day_text(date);
