-- Purpose: tests of a revision get the statement of another run.
-- Inputs: arrays of one length: parameter_ids, run_ids, kind, units, scale, limit_low, limit_high.
-- Rows updated: one per parameter_id.
UPDATE testing_parameter AS parameter
SET stated_by_id = said.run_id,
    kind = said.kind,
    units = said.units,
    scale = said.scale,
    limit_low = said.limit_low,
    limit_high = said.limit_high
FROM UNNEST(
    %(parameter_ids)s::bigint[], %(run_ids)s::bigint[], %(kind)s::text[], %(units)s::text[],
    %(scale)s::smallint[], %(limit_low)s::float8[], %(limit_high)s::float8[]
) AS said (parameter_id, run_id, kind, units, scale, limit_low, limit_high)
WHERE parameter.id = said.parameter_id
