from importlib import import_module

from django.apps import AppConfig


class LotsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "lots"

    def ready(self) -> None:
        # Here and not above: what follows events reads models, which are not loaded before.
        for follower in ("gating", "queueing", "acting"):
            import_module(f"lots.services.{follower}").register()
