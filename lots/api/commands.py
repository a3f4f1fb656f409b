"""What an API request says of itself to the services, where it happens now."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone
from rest_framework.request import Request

from lots.domain.chain import body_sha256
from lots.domain.commands import Command
from lots.domain.words import Source
from supplychain.base.api_bodies import operation_key, person_of
from supplychain.base.requests import request_id


def command_now(request: Request, asked: Mapping[str, object]) -> Command:
    """By the request's own key; a repeat is recognised by what was asked."""
    return Command(
        op_key=operation_key(request),
        occurred_at=timezone.now(),
        source=Source.API,
        actor_id=person_of(request).pk,
        request_id=request_id(),
        asked_sha256=body_sha256({"asked": asked}),
    )
