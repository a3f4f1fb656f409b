from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from finance.domain.write_downs import LOTS_MAX, LotOrder, WriteDownOrder

PLACES_MAX = 6
AMOUNT_MAX = Decimal(10) ** 13
BY, TO = "by", "to"


class WriteDownForm(forms.Form):
    """Which lots are worth less, by how much, since when and why."""

    effective_on = forms.DateField(
        label="Counts on",
        widget=forms.DateInput({"type": "date"}),
        help_text="A plant day, today or before, on or after the lots' last lines.",
    )
    reason = forms.CharField(
        max_length=64,
        label="Reason",
        help_text="A word for the ledger, such as obsolete.",
    )
    evidence = forms.CharField(
        max_length=4000,
        label="What shows it",
        widget=forms.Textarea({"rows": 3}),
        help_text="Price list, offer, count, decision: what an auditor will ask for.",
    )
    how = forms.ChoiceField(
        label="The numbers are",
        choices=[(TO, "what all of the lot is worth from now on"), (BY, "what is taken off it")],
    )
    lots = forms.CharField(
        label="Lots",
        max_length=60_000,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false"}),
        help_text=f"One on a line, code and number: N3W010 125000.50. At most {LOTS_MAX}.",
    )

    def clean_lots(self) -> list[tuple[str, Decimal]]:
        """Code and number of each line. ValidationError names the first line that is none."""
        rows = [line.split() for line in self.cleaned_data["lots"].splitlines() if line.strip()]
        if len(rows) > LOTS_MAX:
            raise forms.ValidationError(f"These are {len(rows)} lots. Take {LOTS_MAX} at most.")
        return [_row(number, words) for number, words in enumerate(rows, start=1)]

    def order(self) -> WriteDownOrder:
        """What a valid form asks for."""
        said: dict[str, Any] = self.cleaned_data
        return WriteDownOrder(
            effective_on=said["effective_on"],
            reason=said["reason"],
            evidence=said["evidence"],
            lots=tuple(LotOrder(code, **{said["how"]: number}) for code, number in said["lots"]),
        )


def _row(number: int, words: list[str]) -> tuple[str, Decimal]:
    if len(words) != 2:
        raise forms.ValidationError(
            f"Line {number} is “{' '.join(words)[:80]}”. Write a lot's code, a space and a number."
        )
    try:
        amount = Decimal(words[1].replace(",", ""))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < AMOUNT_MAX or _places(amount) > PLACES_MAX:
        raise forms.ValidationError(
            f"Line {number}: {words[1][:40]} is no amount of money. Write it as 1234.50."
        )
    return words[0], amount


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
