-- Purpose: a row for each place where the cause of a standing issue was found, from its history: the
-- lot it was opened on, and every lot that the facts of a finding name ("LOT results 3"). Lots of
-- open issues are reviewed again, for an older finding may be true no more.
-- Inputs: none. Rows: one per cause, lot and step, and one review per lot. Run once, by a migration.

INSERT INTO quality_sighting (rule_id, cause_key, lot_id, step_id, revision)
SELECT DISTINCT ON (found.cause_key, found.lot_id, found.step_id)
    found.rule_id, found.cause_key, found.lot_id, found.step_id, found.revision
FROM (
    SELECT
        issue.rule_id, issue.cause_key, COALESCE(named.id, issue.lot_id) AS lot_id, issue.step_id,
        event.revision, event.id
    FROM quality_issue AS issue
    JOIN quality_issueevent AS event ON event.issue_id = issue.id
    LEFT JOIN lots_lot AS named ON named.code = SUBSTRING(event.revision FROM '^(.+) results [0-9]+$')
    WHERE issue.is_found AND event.kind IN ('opened', 'found-again', 'reopened')
) AS found
ORDER BY found.cause_key, found.lot_id, found.step_id, found.id DESC
ON CONFLICT DO NOTHING;

INSERT INTO quality_pendingreview (lot_id, due_at)
SELECT DISTINCT sighting.lot_id, NOW()
FROM quality_sighting AS sighting
JOIN quality_issue AS issue ON issue.cause_key = sighting.cause_key
WHERE sighting.lot_id IS NOT NULL AND issue.state IN ('open', 'acknowledged', 'investigating', 'merged')
ORDER BY sighting.lot_id
ON CONFLICT DO NOTHING;
