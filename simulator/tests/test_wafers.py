from __future__ import annotations

import numpy as np

from simulator.wafers import DIES, ON_EDGE, RADIUS, cluster_loss, radial_loss, scratch_loss


def test_a_reticle_sized_die_gives_64_gross_dies() -> None:
    assert len(DIES) == len(set(DIES)) == 64


def test_the_grid_starts_at_zero_and_lies_evenly_about_the_centre() -> None:
    columns = max(x for x, _ in DIES)
    rows = max(y for _, y in DIES)
    assert min(DIES)[0] == 0
    assert {(columns - x, rows - y) for x, y in DIES} == set(DIES)


def test_every_die_centre_lies_inside_the_usable_radius() -> None:
    assert RADIUS.max() < 1.0


def test_edge_dies_are_some_but_not_most() -> None:
    assert 0.2 < ON_EDGE.mean() < 0.6


def test_loss_grows_towards_the_edge() -> None:
    loss = radial_loss(1.0)
    assert loss[np.argmax(RADIUS)] == loss.max()
    assert loss.min() >= 0


def test_a_cluster_and_a_scratch_hit_few_dies_hard() -> None:
    rng = np.random.default_rng(3)
    for loss in (cluster_loss(rng, 3.0), scratch_loss(rng, 2.5)):
        assert loss.shape == (64,)
        assert 0 < (loss > 1.0).sum() < 32
