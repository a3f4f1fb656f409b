from importlib import import_module

from django.apps import AppConfig


class RacksConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "racks"

    def ready(self) -> None:
        # Here and not above: what is registered reads models, which are not loaded before.
        import_module("racks.feeds").register_ours()
        import_module("racks.detectors").register_ours()
        reader = import_module("racks.selectors").first_placement
        import_module("lots.selectors.uses").register_uses("racks", reader)
