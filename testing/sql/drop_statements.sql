-- Purpose: after tests of a revision got other limits, statements of runs that say just these are dropped,
-- and whatever was kept of the run that they are from.
-- Inputs: parameter_ids (array). Rows deleted: those that say nothing of their own any more.
DELETE FROM testing_runlimit AS own
USING testing_parameter AS parameter
WHERE parameter.id = own.parameter_id
    AND parameter.id = ANY(%(parameter_ids)s::bigint[])
    AND (
        own.run_id = parameter.stated_by_id
        OR (own.kind, own.units, own.scale, own.limit_low, own.limit_high) IS NOT DISTINCT FROM
            (parameter.kind, parameter.units, parameter.scale, parameter.limit_low, parameter.limit_high)
    )
