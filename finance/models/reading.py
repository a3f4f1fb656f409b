"""Reads of the books that have begun and not come to an end."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class RunningRead(models.Model):
    """A read that counts against its reader's limit while it runs. Gone once it is logged.

    Written by finance_begin_read_v1, which also ends those that a dead process left behind.
    """

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    began_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.reader} since {self.began_at}"
