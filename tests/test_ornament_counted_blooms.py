"""Flowers that are counted: as many seats of a stem as were asked for, each with a flower."""

from __future__ import annotations

import numpy as np
import pytest

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.registry import FAMILIES

STEMS = ("wave", "edge")


@pytest.mark.parametrize("family", ["rose", "daisy", "lily", "forget_me_not"])
def test_who_counts_flowers_counts_no_leaves(family: str) -> None:
    request = GeneratorRequest("", 1, 18.0, 5.5, 0.35, 0.35, 0.25, "plain", True)
    room = make_room(make_frame(request, "plain", "round", "round"))
    stems = 0
    for seed in range(12):
        layer = FAMILIES[family].propose(room, Attributes(repeats=4), np.random.default_rng(seed))
        assert layer is not None
        every = getattr(layer, "fruit_every", 0)
        if layer.form in STEMS:
            stems += 1
            assert every == 1, (seed, layer.form)
    free = [FAMILIES[family].propose(room, Attributes(), np.random.default_rng(seed)) for seed in range(12)]
    assert stems and any(layer is not None and layer.form in STEMS and layer.fruit_every > 1 for layer in free)
