from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "intake"

    def ready(self) -> None:
        import_module("intake.feeds.catalogue").register()
        import_module("intake.detectors.catalogue").register()
        hooks = import_module("intake.services.hooks")
        hooks.when_owed("load", import_module("intake.tasks").nudge)
