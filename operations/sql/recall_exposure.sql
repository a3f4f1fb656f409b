-- Purpose: what is reached, counted by where it is, and each UltraServer that has some of it. Goes on from recall_reach.
-- Rows: one per place, kind, step, lot, rack and customer with an empty UltraServer; then one per UltraServer. lot: of
-- what is in no rack and not scrapped.
SELECT
    reach.place, reach.kind, '' AS ultraserver, reach.customer, reach.site, reach.rack,
    CASE WHEN reach.place IN ('installed', 'deployed', 'scrapped') THEN '' ELSE reach.lot END AS in_lot,
    CASE WHEN reach.place IN ('wip', 'bank') THEN reach.step ELSE '' END AS at_step,
    CASE WHEN reach.place IN ('wip', 'bank') THEN reach.sequence ELSE 0 END AS at_sequence,
    SUM(reach.quantity)::bigint AS quantity
FROM reach
GROUP BY reach.place, reach.kind, reach.customer, reach.site, reach.rack, in_lot, at_step, at_sequence
UNION ALL
SELECT
    MIN(reach.place), 'ultraserver', unit.serial, MAX(reach.customer), MAX(reach.site),
    STRING_AGG(DISTINCT reach.rack, ', ' ORDER BY reach.rack), '', '', 0, SUM(reach.quantity)::bigint
FROM reach
JOIN lots_unit AS unit ON unit.id = reach.ultraserver_id
WHERE reach.place <> 'scrapped'
GROUP BY unit.serial
ORDER BY at_sequence, at_step, site, rack, in_lot, customer, ultraserver
