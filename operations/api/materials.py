"""Material of a unit for programs, as it is told now or was told then."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lots.api.past import PAST, PAST_PARAMETERS
from lots.domain.moments import asked_moment
from operations.api.trace import MaterialSerializer
from operations.selectors.trace import materials_then
from supplychain.base.api import StrictQueryMixin


class UnitMaterialsSerializer(serializers.Serializer[Any]):
    """Lots of parts without serials that went into a unit and what is in it now."""

    serial = serializers.CharField()
    materials = MaterialSerializer(many=True)


class UnitMaterialsView(StrictQueryMixin):
    """Parts without serials in a unit, by lot."""

    rights = "lots.view_unit"
    query_parameters = PAST_PARAMETERS

    @extend_schema(
        summary="Lots of parts without serials that a unit may hold, now or as told then",
        operation_id="unit_materials",
        parameters=PAST,
        responses=UnitMaterialsSerializer,
    )
    def get(self, request: Request, serial: str) -> Response:
        """Oldest assembly first."""
        asked = request.query_params
        moment = asked_moment(asked.get("as_of_seq", ""), asked.get("happened_by", ""))
        found = {"serial": serial, "materials": materials_then(serial, moment)}
        return Response(UnitMaterialsSerializer(found).data)
