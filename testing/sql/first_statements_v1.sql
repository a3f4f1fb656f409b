-- Purpose: whose word stood before runs kept what they state: that of the run recorded first, as it was then.
-- Inputs: none. Rows updated: every test, bin and own limit; one bin of a run for each of a revision.
-- What later runs stated of bins was not kept, so they have no word where the first is replaced.

UPDATE testing_parameter AS parameter
SET stated_by_id = first.run_id
FROM (
    SELECT parameter_id, MIN(run_id) AS run_id FROM testing_readingsummary GROUP BY parameter_id
) AS first
WHERE first.parameter_id = parameter.id;

UPDATE testing_bindefinition AS bin
SET stated_by_id = first.run_id
FROM (SELECT revision_id, MIN(id) AS run_id FROM testing_run GROUP BY revision_id) AS first
WHERE first.revision_id = bin.revision_id;

UPDATE testing_runlimit AS own
SET kind = parameter.kind, scale = parameter.scale
FROM testing_parameter AS parameter
WHERE parameter.id = own.parameter_id;

INSERT INTO testing_runbin (run_id, kind, number, name, passes)
SELECT stated_by_id, kind, number, name, passes
FROM testing_bindefinition
WHERE stated_by_id IS NOT NULL;
