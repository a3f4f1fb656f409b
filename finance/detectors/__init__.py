from finance.detectors.owed import register_ours

__all__ = ["register_ours"]
