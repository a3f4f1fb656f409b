-- Purpose: what lot steps add to the totals of their product, step and week, slice by slice.
-- Inputs: lot_step_ids (array), or null for every lot step. Engineering lots add nothing.
-- Rows: one per product, step, week, slice and key. Read from the parts, never from the results.

SELECT
    book.product_id, book.step_code, book.week, part.slice, part.slice_key,
    COUNT(*) AS lot_count,
    SUM(part.tested)::bigint AS tested,
    SUM(part.first_passed)::bigint AS first_passed,
    SUM(part.final_passed)::bigint AS final_passed,
    SUM(part.retested)::bigint AS retested,
    SUM(part.recovered)::bigint AS recovered,
    SUM(part.first_prime)::bigint AS first_prime,
    SUM(part.final_prime)::bigint AS final_prime,
    SUM(part.recovered_prime)::bigint AS recovered_prime,
    SUM(part.tested * part.tested)::bigint AS tested_squared,
    SUM(part.first_passed * part.first_passed)::bigint AS first_passed_squared,
    SUM(part.first_passed * part.tested)::bigint AS first_passed_product,
    SUM(part.final_passed * part.final_passed)::bigint AS final_passed_squared,
    SUM(part.final_passed * part.tested)::bigint AS final_passed_product,
    SUM(part.first_prime * part.first_prime)::bigint AS first_prime_squared,
    SUM(part.first_prime * part.tested)::bigint AS first_prime_product,
    SUM(part.final_prime * part.final_prime)::bigint AS final_prime_squared,
    SUM(part.final_prime * part.tested)::bigint AS final_prime_product
FROM quality_yieldpart AS part
JOIN quality_yieldbook AS book ON book.lot_step_id = part.lot_step_id AND book.is_counted
WHERE part.slice <> 'wafer'
    AND (%(lot_step_ids)s::bigint[] IS NULL OR part.lot_step_id = ANY(%(lot_step_ids)s::bigint[]))
GROUP BY book.product_id, book.step_code, book.week, part.slice, part.slice_key
ORDER BY book.product_id, book.step_code, book.week, part.slice, part.slice_key
