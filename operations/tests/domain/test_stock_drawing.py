from __future__ import annotations

from decimal import Decimal

from operations.domain.stock_drawing import THINNEST, TONES, Held, StockDrawing, draw_stock


def held(stage: str, custodian: str, amount: str, quantity: int = 1, unit: str = "die") -> Held:
    return Held("inventory", stage, stage, custodian, unit, quantity, Decimal(amount))


def test_bars_stand_on_one_scale_and_keep_their_order() -> None:
    drawing = draw_stock([held("wafer", "A", "50"), held("chip", "A", "100")])
    assert [(bar.stage, bar.shares[0].width) for bar in drawing.bars] == [
        ("wafer", 50.0),
        ("chip", 100.0),
    ]


def test_the_richest_custodian_comes_first_with_the_first_colour() -> None:
    drawing = draw_stock([held("chip", "A", "25"), held("chip", "B", "75")])
    assert [(one.custodian, one.tone) for one in drawing.holders] == [("B", 1), ("A", 2)]
    first, second = drawing.bars[0].shares
    assert (first.custodian, first.left, first.width) == ("B", 0.0, 75.0)
    assert (second.custodian, second.left, second.width) == ("A", 75.0, 25.0)


def test_goods_of_one_custodian_are_one_part_and_units_stay_apart() -> None:
    (bar,) = draw_stock(
        [held("chip", "A", "1", 3), held("chip", "A", "2", 4), held("chip", "A", "3", 5, "switch")]
    ).bars
    assert bar.units == ((7, "die"), (5, "switch"))
    assert [share.amount for share in bar.shares] == [Decimal(6)] == [bar.amount]


def test_little_is_seen_and_nothing_is_not_drawn() -> None:
    drawing = draw_stock(
        [held("wafer", "A", "0"), held("die", "A", "0.01"), held("chip", "A", "900")]
    )
    assert [bar.shares[0].width for bar in drawing.bars] == [0.0, THINNEST, 100.0]


def test_what_is_owed_is_as_long_as_what_is_held() -> None:
    drawing = draw_stock([held("die", "A", "-50"), held("chip", "A", "100")])
    assert drawing.bars[0].shares[0].width == 50.0


def test_custodians_beyond_the_colours_share_one() -> None:
    drawing = draw_stock([held("chip", f"C{number}", "1") for number in range(TONES + 3)])
    assert [holder.tone for holder in drawing.holders][-3:] == [TONES + 1] * 3


def test_nothing_is_an_empty_drawing() -> None:
    assert draw_stock([]) == StockDrawing((), ())
