-- Purpose: give steps that were released before these columns came what their file says of them.
-- Inputs:  none; runs once. Rows expected: the steps of reference routes, none in a new database.
UPDATE lots_step AS step
SET is_outsourced = true
FROM lots_routeversion AS version, lots_route AS route, lots_supplier AS supplier
WHERE version.id = step.route_version_id AND route.id = version.route_id
    AND supplier.id = step.supplier_id AND version.version = 1
    AND route.code IN ('A', 'B', 'C', 'D', 'E')
    AND supplier.code IN ('TSMC', 'MRVL', 'CRBS', 'OSAT1');

UPDATE lots_step AS step
SET queue_hours_max = said.queue_hours_max,
    sampling_every = said.sampling_every,
    track_depth = said.track_depth
FROM lots_routeversion AS version, lots_route AS route, (
    VALUES
        ('A', 'WAT', NULL, 5, 'lot'),
        ('A', 'BUMP', 72, 1, 'lot'),
        ('A', 'CP1', NULL, 1, 'wafer'),
        ('A', 'CP2', NULL, 1, 'wafer'),
        ('A', 'FT-HOT', NULL, 1, 'unit'),
        ('A', 'BI', NULL, 1, 'unit'),
        ('A', 'FT-COLD', 96, 1, 'unit'),
        ('A', 'SLT', NULL, 1, 'unit'),
        ('B', 'IST', NULL, 4, 'lot'),
        ('D', 'SFT', NULL, 3, 'lot'),
        ('E', 'LOOP', 168, 1, 'lot')
) AS said (route, step, queue_hours_max, sampling_every, track_depth)
WHERE version.id = step.route_version_id AND route.id = version.route_id AND version.version = 1
    AND route.code = said.route AND step.code = said.step;
