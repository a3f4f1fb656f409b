from importlib import import_module

from django.apps import AppConfig


class LotsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "lots"

    def ready(self) -> None:
        # Here and not above: future actions read models, which are not loaded before.
        import_module("lots.services.acting").register()
