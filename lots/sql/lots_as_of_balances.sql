-- Purpose: active and banked quantities by step, as they stood, in route order. Goes on from lots_as_of.
-- Inputs: none of its own. Rows: one per step, state and unit of measure.
SELECT
    route.code, version.version, step.code, step.name, stood.state, stood.unit_of_measure,
    COUNT(*), COUNT(*) FILTER (WHERE CARDINALITY(stood.hold_reasons) > 0), SUM(stood.quantity)::bigint
FROM stood
JOIN lots_step AS step ON step.id = stood.step_id
JOIN lots_routeversion AS version ON version.id = step.route_version_id
JOIN lots_route AS route ON route.id = version.route_id
WHERE stood.state IN ('active', 'banked')
GROUP BY route.code, version.version, step.sequence, step.code, step.name, stood.state, stood.unit_of_measure
ORDER BY route.code, version.version, step.sequence, stood.state, stood.unit_of_measure
