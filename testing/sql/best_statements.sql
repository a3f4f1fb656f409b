-- Purpose: the run whose word on a test stands, of all that have the test, where it is another than now.
-- Inputs: parameter_ids (array). Rows: one per test that changes hands; its parameter, the run, whether it
-- says something else, and what it says. Order of authority as in testing/domain/statements.py.
SELECT parameter_id, run_id, is_other, kind, units, scale, limit_low, limit_high
FROM (
    SELECT DISTINCT ON (parameter.id)
        parameter.id AS parameter_id, run.id AS run_id, parameter.stated_by_id,
        own.id IS NOT NULL AS is_other,
        said.kind, said.units, said.scale, said.limit_low, said.limit_high
    FROM testing_parameter AS parameter
    JOIN (
        SELECT DISTINCT run_id, parameter_id
        FROM testing_readingsummary
        WHERE parameter_id = ANY(%(parameter_ids)s::bigint[])
    ) AS used ON used.parameter_id = parameter.id
    JOIN testing_run AS run ON run.id = used.run_id
    LEFT JOIN testing_runlimit AS own ON own.run_id = run.id AND own.parameter_id = parameter.id
    CROSS JOIN LATERAL (
        SELECT own.kind, own.units, own.scale, own.limit_low, own.limit_high WHERE own.id IS NOT NULL
        UNION ALL
        SELECT
            parameter.kind, parameter.units, parameter.scale, parameter.limit_low, parameter.limit_high
        WHERE own.id IS NULL
    ) AS said
    ORDER BY
        parameter.id,
        run.superseded_by_id IS NOT NULL OR run.is_withdrawn,
        said.units = '' AND said.limit_low IS NULL AND said.limit_high IS NULL,
        run.started_at,
        run.source_sha256 COLLATE "C"
) AS best
WHERE run_id IS DISTINCT FROM stated_by_id
ORDER BY parameter_id
