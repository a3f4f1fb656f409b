from operations.api.materials import UnitMaterialsView
from operations.api.recalls import RecallItemsView, RecallListView, RecallPreviewView, RecallView
from operations.api.trace import SlotTraceView, UnitGenealogyView, UnitTraceView

__all__ = [
    "RecallItemsView",
    "RecallListView",
    "RecallPreviewView",
    "RecallView",
    "SlotTraceView",
    "UnitGenealogyView",
    "UnitMaterialsView",
    "UnitTraceView",
]
