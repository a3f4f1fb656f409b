from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from lots.domain.commands import Command
from lots.domain.words import Source, Verb
from lots.models import Event, Lot
from operations.domain.scanned import scanned_names
from operations.domain.turns import Turn
from operations.selectors.find import found_exactly
from operations.selectors.scans import SCAN, scanned_equipment, scanned_lot, scans_of
from operations.selectors.warnings import warnings_of
from operations.services.scan_acts import ScanWish, track_once, tries_to_leave
from operations.views.page import Page, asked_words
from supplychain.base.errors import SupplychainError
from supplychain.base.requests import request_id

TRACK, CORRECT = "lots.track_lot", "lots.correct_event"
EQUIPMENT_MAX = 64


class ScanPage(Page):
    """One large box for a scanner: what is scanned opens at once, what is not known is said."""

    template_name = "operations/scan.html"
    title = "Scan"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        raw = request.GET.get("code", "")
        found = found_exactly(raw, request.user)
        if found is not None:
            return HttpResponseRedirect(found.address)
        parts = {"unknown": readable(raw), "may_track": self.may(TRACK)}
        return self.render_to_response(self.get_context_data(**parts))


class ScanTrackPage(Page):
    """One lot after another, tracked in and out by scanner alone; equipment by its own label."""

    template_name = "operations/scan_track.html"
    title = "Scan to track"
    right = TRACK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.POST if self.request.method == "POST" else self.request.GET
        turn = asked.get("turn", "")
        parts = {
            "turn": turn if turn in set(Turn) else Turn.BOTH,
            "turns": [(Turn.BOTH, "In and out by turns"), (Turn.IN, "In"), (Turn.OUT, "Out")],
            "equipment": asked.get("equipment", "").strip()[:EQUIPMENT_MAX],
            "op_key": f"scan:{uuid4()}",
            "scans": scans_of(self.person, timezone.now()),
            "may_track": True,
            "may_correct": self.may(CORRECT),
        }
        return super().get_context_data(**{**parts, **kwargs})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        context = self.get_context_data()
        code, asked = request.POST.get("code", ""), request.POST.get("asked", "")
        names = scanned_names(code) or scanned_names(asked.partition("@")[0])
        lot = scanned_lot(names)
        if lot is None:
            return self.not_a_lot(names, context)
        wish = ScanWish(lot, Turn(context["turn"]), context["equipment"], self.command())
        is_agreed = asked == f"{lot.code}@{lot.version}"
        try:
            warned = [] if is_agreed else warnings_of(Verb.TRACK_OUT, [lot])
            if warned and tries_to_leave(wish):
                return self.render_to_response({**context, "asked": lot, "warned": warned})
            event = track_once(wish)
        except SupplychainError as error:
            return self.render_to_response({**context, "error": error, "refused": lot})
        self.say(lot, event)
        return self.again(context["turn"], context["equipment"])

    def say(self, lot: Lot, event: Event) -> None:
        """What was done, and how to take it back."""
        word = "in at" if event.verb == Verb.TRACK_IN else "out of"
        undo = format_html(
            ' <a href="{}?event={}">Undo</a>',
            reverse("operations:lot-action", args=[lot.code, Verb.CORRECT]),
            event.pk,
        )
        done = f"{lot.code} tracked {word} {event.step_from}."
        messages.success(self.request, format_html("{}{}", done, undo if self.may(CORRECT) else ""))

    def not_a_lot(self, names: tuple[str, ...], context: dict[str, Any]) -> HttpResponse:
        """Equipment stays for the lots that follow; anything else is said."""
        equipment = scanned_equipment(names)
        if equipment:
            return self.again(context["turn"], equipment)
        unknown = next(iter(names), "") or "nothing"
        return self.render_to_response({**context, "unknown": unknown})

    def again(self, turn: str, equipment: str) -> HttpResponse:
        """The page anew, so that reading it again repeats nothing."""
        query = urlencode({"turn": turn, "equipment": equipment})
        return HttpResponseRedirect(f"{reverse('operations:scan-track')}?{query}")

    def command(self) -> Command:
        sent = self.request.POST.get("op_key", "")
        return Command(
            op_key=sent if sent.startswith("scan:") and len(sent) < 60 else f"scan:{uuid4()}",
            occurred_at=timezone.now(),
            source=Source.PERSON,
            actor_id=self.person.pk,
            source_reference=SCAN,
            request_id=request_id(),
            asked_sha256=asked_words(self.request),
        )


def readable(raw: str) -> str:
    """A scanned text as it can be shown."""
    return next(iter(scanned_names(raw)), "")
