-- Purpose: the first genealogy edge that is not as the ledger tells of it.
-- Inputs:  none. Rows expected: none, or one: seq of the event, what is wrong.
-- Assemblies tell how many they built of how many parts and, since that is kept, a hash of what stands where.
WITH swap AS (
    SELECT
        event.id, event.seq, event.occurred_at, event.payload ->> 'parent' AS parent,
        event.payload ->> 'position' AS position, event.payload ->> 'removed' AS removed,
        event.payload ->> 'installed' AS installed
    FROM lots_event AS event
    WHERE event.verb = 'swap'
),
edge AS (
    SELECT
        edge.opened_by_id, edge.closed_by_id, edge.valid_from, edge.valid_to, edge.position, edge.parent_id,
        parent.serial AS parent, child.serial AS child, parent.created_by_id
    FROM lots_genealogy AS edge
    JOIN lots_unit AS parent ON parent.id = edge.parent_id
    JOIN lots_unit AS child ON child.id = edge.child_id
),
built AS (
    SELECT
        opened_by_id, COUNT(*) AS parts, COUNT(DISTINCT parent_id) AS builds,
        ENCODE(SHA256(CONVERT_TO(
            STRING_AGG(
                parent || E'\t' || position || E'\t' || child, E'\n'
                ORDER BY (parent || E'\t' || position || E'\t' || child) COLLATE "C"
            ), 'UTF8'
        )), 'hex') AS sha256
    FROM edge
    GROUP BY opened_by_id
),
assembly AS (
    SELECT
        event.id, event.seq, (event.payload ->> 'builds')::bigint AS builds, event.payload ->> 'parts_sha256' AS sha256,
        (
            SELECT COALESCE(SUM(line.quantity), 0) FROM lots_eventline AS line
            WHERE line.event_id = event.id AND line.kind = 'consumed'
        ) - (
            SELECT COALESCE(SUM(used.quantity::bigint), 0)
            FROM JSONB_EACH_TEXT(event.payload -> 'materials') AS used (lot, quantity)
        ) AS parts
    FROM lots_event AS event
    WHERE event.verb = 'assemble'
),
faults (seq, is_sum, what) AS (
    SELECT event.seq, FALSE, FORMAT(
        '%s in %s at %s was built in by a %s at %s, its ledger says %s at %s',
        edge.child, edge.parent, edge.position, event.verb, edge.valid_from, event.verb, event.occurred_at
    )
    FROM edge
    JOIN lots_event AS event ON event.id = edge.opened_by_id
    WHERE event.verb NOT IN ('assemble', 'swap') OR edge.valid_from <> event.occurred_at
        OR (event.verb = 'assemble' AND edge.created_by_id <> event.id AND NOT EXISTS (
            SELECT FROM lots_event AS undo WHERE undo.corrects_id = event.id AND undo.verb = 'correct'
        ))
    UNION ALL
    SELECT swap.seq, FALSE, FORMAT(
        '%s is not in %s at %s since the swap, its ledger says it is', swap.installed, swap.parent, swap.position
    )
    FROM swap
    WHERE NOT EXISTS (
        SELECT FROM edge
        WHERE edge.opened_by_id = swap.id AND (edge.parent, edge.position, edge.child)
            = (swap.parent, swap.position, swap.installed)
    )
    UNION ALL
    SELECT swap.seq, FALSE, FORMAT(
        '%s did not leave %s at %s by the swap, its ledger says it did', swap.removed, swap.parent, swap.position
    )
    FROM swap
    WHERE NOT EXISTS (
        SELECT FROM edge
        WHERE edge.closed_by_id = swap.id AND edge.valid_to = swap.occurred_at
            AND (edge.parent, edge.position, edge.child) = (swap.parent, swap.position, swap.removed)
    )
    UNION ALL
    SELECT swap.seq, FALSE, FORMAT(
        '%s is in %s at %s by the swap, its ledger says %s in %s at %s', edge.child, edge.parent, edge.position,
        swap.installed, swap.parent, swap.position
    )
    FROM edge
    JOIN swap ON swap.id = edge.opened_by_id
    WHERE (edge.parent, edge.position, edge.child) <> (swap.parent, swap.position, swap.installed)
    UNION ALL
    SELECT COALESCE(swap.seq, opened.seq), FALSE, FORMAT(
        '%s left %s at %s at %s, its ledger does not say so', edge.child, edge.parent, edge.position, edge.valid_to
    )
    FROM edge
    JOIN lots_event AS opened ON opened.id = edge.opened_by_id
    LEFT JOIN swap ON swap.id = edge.closed_by_id
    LEFT JOIN lots_event AS undo ON undo.corrects_id = edge.opened_by_id AND undo.verb = 'correct'
    WHERE (edge.valid_to IS NOT NULL OR edge.closed_by_id IS NOT NULL)
        AND (undo.id = edge.closed_by_id AND edge.valid_from = edge.valid_to) IS NOT TRUE
        AND (edge.valid_to, edge.parent, edge.position, edge.child)
            IS DISTINCT FROM (swap.occurred_at, swap.parent, swap.position, swap.removed)
    UNION ALL
    SELECT undo.seq, FALSE, FORMAT(
        '%s is in %s at %s, its ledger took back what built it in', edge.child, edge.parent, edge.position
    )
    FROM edge
    JOIN lots_event AS undo ON undo.corrects_id = edge.opened_by_id AND undo.verb = 'correct'
    WHERE edge.closed_by_id IS DISTINCT FROM undo.id
    UNION ALL
    SELECT assembly.seq, TRUE, FORMAT(
        'the assembly built %s of %s parts, its ledger says %s of %s', COALESCE(built.builds, 0),
        COALESCE(built.parts, 0), assembly.builds, assembly.parts
    )
    FROM assembly
    LEFT JOIN built ON built.opened_by_id = assembly.id
    WHERE (COALESCE(built.builds, 0), COALESCE(built.parts, 0)) <> (assembly.builds, assembly.parts)
    UNION ALL
    SELECT assembly.seq, TRUE, FORMAT(
        'parts of what the assembly built stand otherwise than its ledger says: sha256 %s, told %s',
        LEFT(built.sha256, 12), LEFT(assembly.sha256, 12)
    )
    FROM assembly
    JOIN built ON built.opened_by_id = assembly.id
    WHERE built.sha256 <> assembly.sha256 AND (built.builds, built.parts) = (assembly.builds, assembly.parts)
)
SELECT faults.seq, faults.what FROM faults ORDER BY faults.is_sum, faults.seq, faults.what LIMIT 1
