-- Purpose: the lots that issues resolved with a cause stand on: the lot each was opened on, and every
-- lot where it is found still, on facts that its own history knows. Merged issues take the cause of
-- what they were merged into.
-- Inputs: none. Rows: one per issue, lot and step. Run once, by a migration.

INSERT INTO quality_explainedlot (issue_id, lot_id, step_id)
SELECT DISTINCT explained.id, place.lot_id, place.step_id
FROM quality_issue AS explained
LEFT JOIN quality_issue AS head ON head.id = explained.merged_into_id
CROSS JOIN LATERAL (
    SELECT explained.lot_id, explained.step_id
    UNION
    SELECT sighting.lot_id, sighting.step_id
    FROM quality_sighting AS sighting
    JOIN quality_issueevent AS event
        ON event.issue_id = explained.id AND event.revision = sighting.revision
    WHERE sighting.cause_key = explained.cause_key
        AND event.kind IN ('opened', 'found-again', 'reopened')
) AS place
WHERE COALESCE(head.state, explained.state) IN ('resolved', 'verified')
    AND COALESCE(head.cause, explained.cause) <> ''
    AND place.lot_id IS NOT NULL AND place.step_id IS NOT NULL
ON CONFLICT DO NOTHING;
