-- Gives results recorded earlier their new place among the insertions of their unit.
-- Inputs: arrays of one length: ids, attempts, finals.
-- Rows: one update per id. The attempt's uniqueness is deferred to the end of the transaction.
UPDATE testing_unitresult AS result
SET attempt = standing.attempt,
    is_first = standing.attempt = 1,
    is_final = standing.is_final
FROM UNNEST(%(ids)s::bigint[], %(attempts)s::integer[], %(finals)s::boolean[])
    AS standing (id, attempt, is_final)
WHERE result.id = standing.id
