from django.apps import AppConfig


class RacksConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "racks"
