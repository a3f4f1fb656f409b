from importlib import import_module

from django.apps import AppConfig


class QualityConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "quality"

    def ready(self) -> None:
        # Here and not above: detectors read models, which are not loaded before.
        import_module("quality.detectors.ours").register_ours()
        import_module("quality.services.releasing").register()
