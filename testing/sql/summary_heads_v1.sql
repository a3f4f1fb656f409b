-- Purpose: the head of summaries that were kept before heads were told apart, where a run has one only.
-- Inputs:  none. Summaries of runs over several heads stay as they are, of all heads (255).
-- Rows:    all summaries of runs with one head, once.
UPDATE testing_readingsummary AS summary
SET head = one.head
FROM (
    SELECT
        run_id,
        MIN(head) AS head
    FROM testing_unitresult
    GROUP BY run_id
    HAVING MIN(head) = MAX(head)
) AS one
WHERE summary.run_id = one.run_id
AND summary.head <> one.head
