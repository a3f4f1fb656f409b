from __future__ import annotations

import os
from typing import Any

from celery import Celery
from django.utils.functional import cached_property

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supplychain.settings")


class Application(Celery):
    @cached_property
    def Beat(self) -> Any:  # noqa: N802  # as Celery calls it
        name: Any = "supplychain.beat:Beat"  # so that nothing but beat loads it
        return self.subclass_with_self(name)


app = Application("supplychain")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
