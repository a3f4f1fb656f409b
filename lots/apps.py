from django.apps import AppConfig


class LotsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "lots"
