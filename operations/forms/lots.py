"""Which form each act on a lot asks by."""

from __future__ import annotations

from lots.domain.words import Verb
from operations.forms import lot_materials, lot_parts, lot_plans, lot_stops, lot_ways
from operations.forms.lot_form import LotActForm
from operations.services.acting.parts import SEND_AHEAD
from operations.services.acting.plans import PLAN, UNPLAN

__all__ = ["FORMS", "LotActForm"]

FORMS: dict[str, type[LotActForm]] = {
    Verb.TRACK_IN: lot_ways.TrackInForm,
    Verb.TRACK_OUT: lot_ways.TrackOutForm,
    Verb.MOVE: lot_ways.MoveForm,
    Verb.HOLD: lot_stops.HoldForm,
    Verb.RELEASE: lot_stops.ReleaseForm,
    Verb.RECEIVE: lot_ways.ArriveForm,
    Verb.SHIP: lot_ways.ShipForm,
    Verb.SPLIT: lot_parts.SplitForm,
    Verb.MERGE: lot_parts.MergeForm,
    Verb.DICE: lot_parts.DiceForm,
    Verb.ASSEMBLE: lot_parts.AssembleForm,
    Verb.SCRAP: lot_parts.ScrapForm,
    Verb.LOSS: lot_parts.LossForm,
    Verb.BONUS: lot_parts.BonusForm,
    Verb.BIN: lot_parts.BinForm,
    SEND_AHEAD: lot_parts.SendAheadForm,
    Verb.BANK: lot_ways.BankForm,
    Verb.UNBANK: lot_ways.BankForm,
    Verb.REWORK_OUT: lot_ways.ReworkOutForm,
    Verb.REWORK_IN: lot_ways.ReworkInForm,
    Verb.REROUTE: lot_ways.RerouteForm,
    Verb.AMEND: lot_stops.AmendForm,
    PLAN: lot_plans.PlanForm,
    UNPLAN: lot_plans.UnplanForm,
    Verb.CORRECT: lot_plans.CorrectForm,
    Verb.SWAP: lot_plans.SwapForm,
    Verb.REISSUE: lot_materials.ReissueForm,
}
