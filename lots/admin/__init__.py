"""The lists and forms of lots: configuration, what travels, and its history."""

from lots.admin import configuration, history, travelling

__all__ = ["configuration", "history", "travelling"]
