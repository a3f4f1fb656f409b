from importlib import import_module

from django.apps import AppConfig


class TestingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "testing"

    def ready(self) -> None:
        # Here and not above: the check reads models, which are not loaded before.
        import_module("testing.services.gates").register()
