"""The lists and forms of lots: configuration, rules, waivers, what travels, and its history."""

from lots.admin import configuration, history, routes, rules, travelling, waivers

__all__ = ["configuration", "history", "routes", "rules", "travelling", "waivers"]
