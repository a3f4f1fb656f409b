import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quality", "0020_temperatures_of_lots"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="issue",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("assign_issue", "Can assign issues"),
                    ("acknowledge_issue", "Can acknowledge and investigate issues"),
                    ("comment_issue", "Can comment on issues"),
                    ("resolve_issue", "Can resolve issues"),
                    ("dismiss_issue", "Can dismiss issues"),
                    ("reopen_issue", "Can reopen issues"),
                    ("verify_issue", "Can verify that a resolved issue stays away"),
                    ("merge_issue", "Can merge issues of one cause, and separate them again"),
                    ("attach_issue", "Can attach files to issues"),
                    ("unattach_issue", "Can withdraw files that others attached to issues"),
                ],
            },
        ),
        migrations.AlterField(
            model_name="issueevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Opened"),
                    ("found-again", "Found again"),
                    ("escalated", "Escalated"),
                    ("cleared", "Cleared"),
                    ("assigned", "Assigned"),
                    ("acknowledged", "Acknowledged"),
                    ("investigating", "Investigating"),
                    ("commented", "Commented"),
                    ("planned", "Planned"),
                    ("snoozed", "Snoozed"),
                    ("verified", "Verified"),
                    ("resolved", "Resolved"),
                    ("dismissed", "Dismissed"),
                    ("reopened", "Reopened"),
                    ("merged", "Merged"),
                    ("took-in", "Took in"),
                    ("separated", "Separated"),
                    ("gave-back", "Gave back"),
                    ("attached", "Attached"),
                    ("file-withdrawn", "File withdrawn"),
                    ("held", "Held"),
                    ("hold-refused", "Hold refused"),
                    ("proposed", "Proposed"),
                    ("signed", "Signed"),
                    ("refused", "Refused"),
                    ("withdrawn", "Withdrawn"),
                    ("carried-out", "Carried out"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="AttachmentWithdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.TextField()),
                ("withdrawn_at", models.DateTimeField()),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="withdrawal",
                        to="quality.issueattachment",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="quality_attachmentwithdrawal_has_reason",
                    )
                ],
            },
        ),
    ]
