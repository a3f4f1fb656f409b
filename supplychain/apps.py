from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SupplychainConfig(AppConfig):
    name = "supplychain"
    verbose_name = "Supply chain"

    def ready(self) -> None:
        # Here and not in __init__.py: domain code imports this package without loading Celery.
        import_module("supplychain.celery")
