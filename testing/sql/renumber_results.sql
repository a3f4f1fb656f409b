-- Gives results recorded earlier their new place among the insertions of their unit, and its key.
-- Inputs: arrays of one length: ids, keys, attempts (null: it counts no more), finals.
-- Rows: one update per id. The attempt's uniqueness is deferred to the end of the transaction.
UPDATE testing_unitresult AS result
SET unit_key = standing.unit_key,
    attempt = standing.attempt,
    is_first = COALESCE(standing.attempt = 1, FALSE),
    is_final = standing.is_final
FROM UNNEST(%(ids)s::bigint[], %(keys)s::text[], %(attempts)s::integer[], %(finals)s::boolean[])
    AS standing (id, unit_key, attempt, is_final)
WHERE result.id = standing.id
