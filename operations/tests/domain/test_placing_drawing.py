from __future__ import annotations

from lots.domain.wafers import Placing, placed_dies
from operations.domain.placing_drawing import draw_placing


def test_every_die_is_a_rectangle_inside_the_picture() -> None:
    placing = Placing(26.0, 33.0)
    dies = placed_dies(placing)
    drawing = draw_placing(placing, dies)
    assert drawing.dies.count("z") == len(dies) == 64
    assert "h26v33h-26z" in drawing.dies
    assert drawing.side == 308.0
    assert (drawing.radius, drawing.usable) == (150.0, 147.0)
