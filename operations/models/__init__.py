from operations.models.jobs import BulkItem, BulkJob
from operations.models.recalls import RecallCase, RecallItem

__all__ = ["BulkItem", "BulkJob", "RecallCase", "RecallItem"]
