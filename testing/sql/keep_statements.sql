-- Purpose: before tests of a revision get other limits, every run that said what stands keeps it as its own.
-- Inputs: parameter_ids (array). Rows inserted: one per test and run that has no statement of its own.
INSERT INTO testing_runlimit (run_id, parameter_id, kind, units, scale, limit_low, limit_high)
SELECT
    used.run_id, parameter.id, parameter.kind, parameter.units, parameter.scale, parameter.limit_low,
    parameter.limit_high
FROM (
    SELECT DISTINCT run_id, parameter_id
    FROM testing_readingsummary
    WHERE parameter_id = ANY(%(parameter_ids)s::bigint[])
) AS used
JOIN testing_parameter AS parameter ON parameter.id = used.parameter_id
ON CONFLICT (run_id, parameter_id) DO NOTHING
