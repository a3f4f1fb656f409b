from importlib import import_module

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "finance"

    def ready(self) -> None:
        # Here and not above: detectors read models, which are not loaded before.
        import_module("finance.detectors").register_ours()
