-- Purpose: a page of lots as they stood, newest first. Goes on from lots_as_of.
-- Inputs: before (lot id or null), limit, and what narrows the list, each null for any. Rows: one per lot.
SELECT
    stood.id, stood.code, stood.kind, stood.purpose, product.code, route.code, version.version, step.code, step.name,
    stood.state, stood.unit_of_measure, stood.quantity, stood.custodian, stood.hold_reasons,
    stood.is_hot, stood.due_on, stood.customer, stood.is_tracked_in, stood.last_seq
FROM stood
JOIN lots_product AS product ON product.id = stood.product_id
JOIN lots_step AS step ON step.id = stood.step_id
JOIN lots_routeversion AS version ON version.id = step.route_version_id
JOIN lots_route AS route ON route.id = version.route_id
WHERE (%(before)s::bigint IS NULL OR stood.id < %(before)s)
    AND (%(state)s::text IS NULL OR stood.state = %(state)s)
    AND (%(purpose)s::text IS NULL OR stood.purpose = %(purpose)s)
    AND (%(product)s::text IS NULL OR product.code = %(product)s)
    AND (%(step)s::text IS NULL OR step.code = %(step)s)
    AND (%(supplier)s::text IS NULL OR stood.custodian = %(supplier)s)
    AND (%(on_hold)s::boolean IS NULL OR (CARDINALITY(stood.hold_reasons) > 0) = %(on_hold)s)
    AND (%(q)s::text IS NULL OR STARTS_WITH(stood.code, %(q)s))
ORDER BY stood.id DESC
LIMIT %(limit)s
