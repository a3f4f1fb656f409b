from finance.detectors.ours import register_ours

__all__ = ["register_ours"]
