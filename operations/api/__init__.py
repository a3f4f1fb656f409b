from operations.api.genealogy import LotGenealogyView, UnitGenealogyView, WaferGenealogyView
from operations.api.materials import UnitMaterialsView
from operations.api.recall_acts import RecallActsView
from operations.api.recalls import RecallItemsView, RecallListView, RecallPreviewView, RecallView
from operations.api.stacks import LotMapView
from operations.api.trace import SlotTraceView, UnitTraceView

__all__ = [
    "LotGenealogyView",
    "LotMapView",
    "RecallActsView",
    "RecallItemsView",
    "RecallListView",
    "RecallPreviewView",
    "RecallView",
    "SlotTraceView",
    "UnitGenealogyView",
    "UnitMaterialsView",
    "UnitTraceView",
    "WaferGenealogyView",
]
