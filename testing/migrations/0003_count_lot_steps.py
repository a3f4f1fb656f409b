from django.db import migrations

COUNT = """
UPDATE testing_lotstep AS lot_step
SET insertion_count = counts.insertions,
    unit_count = counts.units,
    first_pass_count = counts.first_passed,
    final_pass_count = counts.final_passed,
    retested_count = counts.retested,
    recovered_count = counts.recovered
FROM (
    SELECT
        lot_step_id,
        SUM(insertions) AS insertions,
        COUNT(*) AS units,
        COUNT(*) FILTER (WHERE first_passed) AS first_passed,
        COUNT(*) FILTER (WHERE final_passed) AS final_passed,
        COUNT(*) FILTER (WHERE insertions > 1) AS retested,
        COUNT(*) FILTER (WHERE final_passed AND NOT first_passed) AS recovered
    FROM (
        SELECT
            lot_step_id,
            COUNT(*) AS insertions,
            BOOL_OR(is_first AND outcome = 'pass') AS first_passed,
            BOOL_OR(is_final AND outcome = 'pass') AS final_passed
        FROM testing_unitresult
        GROUP BY lot_step_id, unit_key
    ) AS unit
    GROUP BY lot_step_id
) AS counts
WHERE counts.lot_step_id = lot_step.id
"""


class Migration(migrations.Migration):
    dependencies = [("testing", "0002_retest_and_restatements")]

    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
