-- Purpose: lots as the ledger tells them up to an event, or up to a time at which things happened. First half of a
-- statement: another file goes on with the SELECT.
-- Inputs: seq (bigint or null): events up to it, in the ledger's order; happened_by (timestamptz or null): events that
-- happened until then, in the order in which they happened; lot (bigint or null): this one only; likely_states,
-- likely_step, likely_held (each null for any, and with happened_by): leave out what was otherwise, where that is known
-- without folding it: a lot without an event since seq is as it is now. Others may still be among the rows.
-- An event undone by a correction that counts is left out, and so is the correction. Rows of stood: one per lot whose
-- first event that stands counts. A late move counts by time only: it was overtaken before it was told. A reissue
-- counts by time from when the material was used that it tells anew. A quantity told by time adds up what each event
-- changed, so late news may pass below zero.
WITH told AS NOT MATERIALIZED (
    SELECT
        event.id, event.seq, event.verb, event.lot_id, event.step_to_id, event.step_from_id, event.payload,
        event.occurred_at,
        CASE
            WHEN %(happened_by)s::timestamptz IS NULL THEN NULL
            WHEN event.verb = 'reissue' THEN (event.payload ->> 'since')::timestamptz
            ELSE event.occurred_at
        END AS clock
    FROM lots_event AS event
    WHERE event.verb <> 'correct'
        AND (%(seq)s::bigint IS NULL OR event.seq <= %(seq)s)
        AND (
            %(happened_by)s::timestamptz IS NULL
            OR event.occurred_at <= %(happened_by)s
            OR (event.verb = 'reissue' AND (event.payload ->> 'since')::timestamptz <= %(happened_by)s)
        )
        AND NOT EXISTS (
            SELECT FROM lots_event AS undone
            WHERE undone.corrects_id = event.id AND undone.verb = 'correct'
                AND (%(seq)s::bigint IS NULL OR undone.seq <= %(seq)s)
        )
),
recent (id, lot_id) AS (
    SELECT event.id, event.lot_id
    FROM lots_event AS event
    WHERE event.seq > %(seq)s
),
since (lot_id) AS (
    SELECT recent.lot_id
    FROM recent
    UNION
    SELECT line.lot_id
    FROM recent
    JOIN lots_eventline AS line ON line.event_id = recent.id
),
stood AS (
    SELECT
        lot.id, lot.code, lot.kind, lot.product_id,
        COALESCE(word.said ->> 'purpose', lot.purpose) AS purpose,
        COALESCE((word.said ->> 'is_hot')::boolean, lot.is_hot) AS is_hot,
        COALESCE(word.said ->> 'customer', lot.customer) AS customer,
        CASE WHEN JSONB_EXISTS(word.said, 'due_on') THEN (word.said ->> 'due_on')::date ELSE lot.due_on END AS due_on,
        COALESCE(past.is_tracked_in, FALSE) AS is_tracked_in,
        COALESCE(own.step_id, birth.step_to_id, birth.step_from_id) AS step_id,
        COALESCE(cut.unit_of_measure, birth.unit_of_measure) AS unit_of_measure,
        COALESCE(CASE WHEN cut.unit_of_measure IS NULL THEN birth.quantity END, 0) + COALESCE(balance.change, 0)
            AS quantity,
        CASE
            WHEN balance.emptied_by IS NULL
                OR COALESCE(CASE WHEN cut.unit_of_measure IS NULL THEN birth.quantity END, 0)
                    + COALESCE(balance.change, 0) > 0
                THEN CASE past.last_way WHEN 'ship' THEN 'shipped' WHEN 'bank' THEN 'banked' ELSE 'active' END
            WHEN balance.is_used_up THEN 'finished'
            ELSE 'scrapped'
        END AS state,
        COALESCE(past.custodian, '') AS custodian,
        COALESCE(stop.hold_reasons, ARRAY[]::varchar[]) AS hold_reasons,
        GREATEST(own.last_seq, balance.last_seq, birth.seq) AS last_seq
    FROM lots_lot AS lot
    CROSS JOIN LATERAL (
        SELECT
            told.id, told.seq, told.step_to_id, told.step_from_id, told.payload, line.unit_of_measure, line.quantity
        FROM (
            SELECT line.event_id, line.unit_of_measure, line.quantity
            FROM lots_eventline AS line
            JOIN lots_event AS event ON event.id = line.event_id AND event.verb <> 'correct'
            WHERE line.lot_id = lot.id AND line.kind = 'in' AND NOT EXISTS (
                SELECT FROM lots_event AS undone
                WHERE undone.corrects_id = line.event_id AND undone.verb = 'correct'
                    AND (%(seq)s::bigint IS NULL OR undone.seq <= %(seq)s)
            )
            ORDER BY line.id
            LIMIT 1
        ) AS line
        JOIN told ON told.id = line.event_id
    ) AS birth
    CROSS JOIN LATERAL (
        SELECT
            (ARRAY_AGG(told.step_to_id ORDER BY told.clock DESC, told.seq DESC)
                FILTER (
                    WHERE told.step_to_id IS NOT NULL AND (told.verb <> 'late-move' OR told.clock IS NOT NULL)
                ))[1] AS step_id,
            MAX(told.seq) AS last_seq
        FROM told
        WHERE told.lot_id = lot.id
    ) AS own
    CROSS JOIN LATERAL (
        -- What the lot said of itself: until its first amendment what that one found, then what each made of it. To
        -- begin anew, after what made it was taken back, is to amend it; to ship it may name its customer.
        SELECT COALESCE(first.said, '{}') || COALESCE(since.said, '{}') AS said
        FROM (
            SELECT JSONB_OBJECT_AGG(field.key, field.value ORDER BY event.seq DESC) AS said
            FROM lots_event AS event
            CROSS JOIN JSONB_EACH(event.payload -> 'before') AS field
            WHERE event.lot_id = lot.id AND event.verb IN ('amend', 'receive', 'assemble', 'ship')
        ) AS first
        CROSS JOIN (
            SELECT JSONB_OBJECT_AGG(field.key, field.value ORDER BY told.clock, told.seq) AS said
            FROM told
            CROSS JOIN JSONB_EACH(
                CASE
                    WHEN told.verb <> 'ship' THEN told.payload -> 'after'
                    WHEN told.payload ->> 'customer' <> '' THEN JSONB_BUILD_OBJECT('customer', told.payload -> 'customer')
                END
            ) AS field
            WHERE told.lot_id = lot.id AND told.verb IN ('amend', 'receive', 'assemble', 'ship')
        ) AS since
    ) AS word
    LEFT JOIN LATERAL (
        SELECT line.unit_of_measure
        FROM lots_eventline AS line
        JOIN told ON told.id = line.event_id
        WHERE line.lot_id = lot.id AND line.kind = 'produced' AND told.verb = 'dice'
        LIMIT 1
    ) AS cut ON TRUE
    CROSS JOIN LATERAL (
        SELECT
            SUM(change.amount) AS change,
            MAX(change.seq) AS last_seq,
            (ARRAY_AGG(change.event_id ORDER BY change.clock DESC, change.seq DESC)
                FILTER (WHERE change.is_emptied))[1] AS emptied_by,
            (ARRAY_AGG(change.is_used_up ORDER BY change.clock DESC, change.seq DESC)
                FILTER (WHERE change.is_emptied))[1] AS is_used_up
        FROM (
            SELECT
                line.event_id, told.seq, told.clock,
                SUM(CASE line.kind WHEN 'good' THEN line.quantity WHEN 'in' THEN -line.quantity ELSE 0 END)
                    FILTER (WHERE line.unit_of_measure = COALESCE(cut.unit_of_measure, birth.unit_of_measure))
                    AS amount,
                SUM(line.quantity) FILTER (WHERE line.kind = 'good') = 0
                    AND SUM(line.quantity) FILTER (WHERE line.kind = 'in') > 0 AS is_emptied,
                BOOL_OR(line.kind IN ('consumed', 'split-out')) AS is_used_up
            FROM lots_eventline AS line
            JOIN told ON told.id = line.event_id
            WHERE line.lot_id = lot.id
            GROUP BY line.event_id, told.seq, told.clock
        ) AS change
    ) AS balance
    LEFT JOIN LATERAL (
        WITH RECURSIVE origin (lot_id, until_seq, level) AS (
            SELECT lot.id, 9223372036854775807, 0
            UNION ALL
            SELECT born.lot_id, born.seq, origin.level + 1
            FROM origin
            CROSS JOIN LATERAL (
                SELECT event.lot_id, event.seq
                FROM lots_eventline AS line
                JOIN lots_event AS event ON event.id = line.event_id
                WHERE line.lot_id = origin.lot_id
                ORDER BY line.id
                LIMIT 1
            ) AS born
            WHERE born.lot_id <> origin.lot_id AND origin.level < 100
        )
        SELECT
            (
                SELECT told.payload ->> 'custodian'
                FROM origin
                JOIN told ON told.lot_id = origin.lot_id AND told.seq < origin.until_seq
                WHERE told.verb IN ('receive', 'assemble', 'swap') AND JSONB_EXISTS(told.payload, 'custodian')
                ORDER BY origin.level, told.clock DESC, told.seq DESC
                LIMIT 1
            ) AS custodian,
            (
                SELECT told.verb
                FROM origin
                JOIN told ON told.lot_id = origin.lot_id AND told.seq < origin.until_seq
                WHERE told.verb IN ('receive', 'ship', 'bank', 'unbank')
                ORDER BY origin.level, told.clock DESC, told.seq DESC
                LIMIT 1
            ) AS last_way,
            (
                SELECT told.verb = 'track-in'
                FROM origin
                JOIN told ON told.lot_id = origin.lot_id AND told.seq < origin.until_seq
                WHERE told.verb IN ('track-in', 'track-out', 'move', 'rework-out', 'rework-in', 'reroute', 'receive')
                    OR (told.verb = 'late-move' AND told.clock IS NOT NULL)
                ORDER BY origin.level, told.clock DESC, told.seq DESC
                LIMIT 1
            ) AS is_tracked_in
    ) AS past ON TRUE
    CROSS JOIN LATERAL (
        -- A hold on a part is where it was placed, or came with the split that the lot began by, until a split takes
        -- it on: lots_hold says only where it is today.
        SELECT ARRAY_AGG(hold.reason ORDER BY hold.id) AS hold_reasons
        FROM (
            SELECT here.id, here.reason, here.placed_by_id, here.released_by_id
            FROM lots_event AS event
            JOIN lots_hold AS here ON here.placed_by_id = event.id
            WHERE event.lot_id = lot.id AND event.verb = 'hold'
            UNION ALL
            SELECT brought.id, brought.reason, brought.placed_by_id, brought.released_by_id
            FROM JSONB_ARRAY_ELEMENTS_TEXT(
                CASE WHEN birth.payload ->> 'child' = lot.code THEN birth.payload -> 'holds' END
            ) AS came (hold_id)
            JOIN lots_hold AS brought ON brought.id = came.hold_id::bigint
        ) AS hold
        JOIN told AS placed ON placed.id = hold.placed_by_id
        WHERE NOT EXISTS (
                SELECT FROM told AS released WHERE released.id = hold.released_by_id AND released.verb = 'release'
            )
            AND NOT EXISTS (
                SELECT FROM told AS went
                WHERE went.lot_id = lot.id AND went.verb IN ('split', 'bin')
                    AND went.payload -> 'holds' @> TO_JSONB(hold.id)
            )
    ) AS stop
    WHERE (%(lot)s::bigint IS NULL OR lot.id = %(lot)s)
        AND (
            (
                (%(likely_states)s::text[] IS NULL OR lot.state = ANY(%(likely_states)s))
                AND (
                    %(likely_step)s::text IS NULL
                    OR lot.step_id IN (SELECT step.id FROM lots_step AS step WHERE step.code = %(likely_step)s)
                )
                AND (
                    %(likely_held)s::boolean IS NULL
                    OR %(likely_held)s = (lot.id IN (SELECT held.lot_id FROM lots_hold AS held WHERE held.released_at IS NULL))
                )
            )
            OR lot.id IN (SELECT since.lot_id FROM since)
        )
)
