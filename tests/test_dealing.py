"""Hands of proposals for seeds, and the designs that they are dealt from."""

from __future__ import annotations

import itertools
from typing import Any, get_args

import numpy as np
import pytest

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame, render
from ringcad.generators.ornament.dealing import ROUND, apart, deal, features, hand_of, hands, shares
from ringcad.generators.ornament.interlace import grid_paths
from ringcad.generators.ornament.keys import LEAST_LEVELS, key_cell
from ringcad.generators.ornament.knots import WEAVES, woven_walls
from ringcad.generators.ornament.layers import KeyDesign, ScrollDesign
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.program import Program
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.sampler_measure import layer_look
from ringcad.generators.ornament.schema import LayerBase

SHAPE = make_frame(GeneratorRequest("", 1, 18.0, 5.5, 0.35, 0.35, 0.25, "plain", False), "plain", "square", "square")
CLOSED = make_room(SHAPE)
OPEN = make_room(make_frame(GeneratorRequest("", 1, 18.0, 4.6, 0.35, 0.35, 0.25, "plain"), "plain", "square", "square"))


def _pool(family: str, room: Room = CLOSED, count: int = 120, seed: int = 4) -> list[LayerBase]:
    dice = np.random.default_rng(seed)
    found = (FAMILIES[family].propose(room, Attributes(), dice) for _ in range(count))
    return [layer for layer in found if layer is not None]


def _heights(layer: LayerBase, pixels: float = 10.0) -> np.ndarray[Any, np.dtype[np.float32]]:
    return render(Program(band=SHAPE.band, frame=SHAPE.frame, layers=(layer,)), pixels)


def _moved_on(field: np.ndarray[Any, np.dtype[np.float32]], columns: int) -> float:
    """Share of the pixels that are another height where the band is moved on: edges may fall to either side."""
    return float((np.abs(field - np.roll(field, columns, axis=1)) > 0.03).mean())


# ---------------------------------------------------------------- hands


@pytest.mark.parametrize("offset", [0, 7, 123456789])
def test_seeds_of_a_round_take_all_hands_and_neighbours_lie_far_apart(offset: int) -> None:
    taken = [hand_of(seed, offset) for seed in range(ROUND)]
    assert sorted(taken) == list(range(ROUND))
    assert [hand_of(seed + ROUND, offset) for seed in range(ROUND)] == taken
    steps = [abs(a - b) for a, b in itertools.pairwise(taken)]
    assert min(min(step, ROUND - step) for step in steps) > ROUND // 4


def test_shares_follow_the_chances_to_within_one() -> None:
    dice = np.random.default_rng(3)
    for _ in range(50):
        gains = {key: float(gain) for key, gain in zip("abcdef", dice.normal(size=6), strict=False)}
        found = shares(gains, 40)
        chances = np.exp(list(gains.values()))
        exact = 40 * chances / chances.sum()
        assert sum(found.values()) == 40
        assert np.abs(np.array([found[key] for key in gains]) - exact).max() < 1.0


@pytest.mark.parametrize("family", ["greek_key", "scroll", "filigree", "scales", "heart"])
def test_hands_are_disjoint_and_nearer_to_their_own_middle(family: str) -> None:
    pool = _pool(family)
    dealt = hands(pool, 24)
    members = [k for hand in dealt for k in hand]
    assert len(members) == len(set(members))
    table, weights, most = features(pool)
    middles = [hand[0] for hand in dealt]
    spread = [min(apart(table, weights, most, a)[b] for b in middles if b != a) for a in middles]
    for hand, gap in zip(dealt, spread, strict=True):
        assert apart(table, weights, most, hand[0])[hand].max() <= 0.5 * gap
    # Farthest first: what is left over lies nearer to a middle than any two middles to each other.
    covered = np.min([apart(table, weights, most, a) for a in middles], axis=0)
    assert covered.max() <= min(spread) + 1e-6


@pytest.mark.parametrize("family", ["scales", "filigree"])
def test_what_another_form_has_is_not_dealt_again(family: str) -> None:
    pool = _pool(family)
    taken = [pool[hand[0]] for hand in hands(pool, 6)]
    middles = [pool[hand[0]] for hand in hands(pool, 12, 0.3, taken)]
    table, weights, most = features([*middles, *taken])
    for k in range(len(middles)):
        assert apart(table, weights, most, k)[len(middles) :].min() >= 0.3


def _form(layer: LayerBase) -> str:
    return str(layer.model_dump()["form"])


def test_words_decide_how_many_hands_a_form_has() -> None:
    pool = _pool("filigree", count=200)
    dealt = deal(pool, _form, lambda layer: 3.0 if _form(layer) == "flower" else 0.0)
    plain = deal(pool, _form, lambda layer: 0.0)
    assert len(dealt) == len(plain) == ROUND

    def flowers(found: list[list[int]]) -> int:
        return sum(_form(pool[hand[0]]) == "flower" for hand in found)

    assert flowers(dealt) > 2 * flowers(plain)
    assert all(len({_form(pool[k]) for k in hand}) == 1 for hand in dealt)


@pytest.mark.parametrize("prompt", ["greek key"])
def test_seeds_give_designs_that_the_eye_tells_apart(prompt: str) -> None:
    """Largest correlation over shifts of up to a quarter of the band and the four flips."""
    fields = []
    for seed in range(10):
        request = GeneratorRequest(prompt, seed, 18.0, 5.5, 0.35, 0.35, 0.25, "none", False, pixels_per_mm=5.0)
        field = np.asarray(generator.generate(request).height, dtype=np.float64)
        fields.append((field - field.mean()) / np.linalg.norm(field - field.mean()))
    same = 0
    for a, b in itertools.combinations(fields, 2):
        best = 0.0
        for flip in (b, b[::-1], b[:, ::-1], b[::-1, ::-1]):
            spectrum = np.fft.rfft(a, axis=1) * np.conj(np.fft.rfft(flip, axis=1))
            best = max(best, float(np.fft.irfft(spectrum.sum(axis=0), a.shape[1]).max()))
        same += best > 0.95
    assert same <= 1


# ---------------------------------------------------------------- designs


@pytest.mark.parametrize(("design", "levels"), [(d, n) for d in get_args(KeyDesign) for n in (3, 4, 5)])
def test_lines_of_a_key_lie_a_unit_apart(design: KeyDesign, levels: int) -> None:
    """Lines run along the grid inside their period and beads keep a unit from all of them, round the seam too."""
    if levels < LEAST_LEVELS[design]:
        pytest.skip("too few levels for this design")
    cell = key_cell(design, levels)
    pieces = [piece for line in cell.lines for piece in itertools.pairwise(line)]
    pieces += [((0, row), (cell.columns, row)) for row in cell.rails]
    for (x0, y0), (x1, y1) in pieces:
        assert (x0 == x1) != (y0 == y1)
        assert all(float(z).is_integer() for z in (x0, y0, x1, y1))
        assert 0 <= min(x0, x1) and max(x0, x1) <= cell.columns and 0 <= min(y0, y1) <= max(y0, y1) <= levels - 1
    for x, y in cell.beads:
        for (x0, y0), (x1, y1) in pieces:
            for shift in (-cell.columns, 0, cell.columns):
                du = max(min(x0, x1) + shift - x, x - max(x0, x1) - shift, 0.0)
                dv = max(min(y0, y1) - y, y - max(y0, y1), 0.0)
                assert np.hypot(du, dv) >= 1.0 - 1e-9


@pytest.mark.parametrize("design", get_args(ScrollDesign))
def test_every_scroll_can_be_cast(design: ScrollDesign) -> None:
    for room in (CLOSED, OPEN):
        pool = [layer for layer in _pool("scroll", room, 120, 9) if layer.design == design]  # type: ignore[attr-defined]
        for finial in {layer.finial for layer in pool}:  # type: ignore[attr-defined]
            look = layer_look(next(layer for layer in pool if layer.finial == finial), room)  # type: ignore[attr-defined]
            assert look.moved < 0.08 and look.reach < 0.06


@pytest.mark.parametrize("size", sorted(WEAVES))
def test_weaves_are_mirrored_closed_and_without_small_rings(size: tuple[int, int]) -> None:
    rows, period = size
    seen = set()
    for weave in WEAVES[size]:
        walls = woven_walls(rows, period, weave)
        assert {((-i) % period, j): kind for (i, j), kind in walls.items()} == walls
        assert {(i, rows - j): kind for (i, j), kind in walls.items()} == walls
        seen.add(frozenset(walls.items()))
        twice = {(i + k * period, j): kind for (i, j), kind in walls.items() for k in (0, 1)}
        paths = grid_paths(2 * period, rows, True, twice)
        assert min(len(path) for path, _ in paths) > 6
        # Every crossing is passed twice, every wall touched from both sides.
        passed = [(i % (2 * period), j) for path, _ in paths for i, j in path[:-1]]
        inner = [cell for cell in passed if 0 < cell[1] < rows]
        assert all(inner.count(cell) == 2 for cell in set(inner))
    assert len(seen) == len(WEAVES[size])


@pytest.mark.parametrize("form", ["fish", "dragon", "snake"])
def test_scales_go_on_across_the_seam(form: str) -> None:
    """A closed band of scales is the same moved on by two rows, or by one scale where they lie across."""
    dice = np.random.default_rng(2)
    lies = set()
    for _ in range(60):
        layer = FAMILIES["scales"].propose(CLOSED, Attributes(form=form), dice)
        assert layer is not None
        if layer.lie in lies:
            continue
        lies.add(layer.lie)
        count = layer.across if layer.lie == "across" else layer.repeats // 2
        pixels = 4.0 * count * max(1, round(7.0 * 18.0 / (4.0 * count))) / 18.0
        field = _heights(layer, pixels)
        assert field.shape[1] % count == 0
        assert _moved_on(field, field.shape[1] // count) < 1e-3
    assert lies == ({"along"} if form == "snake" else {"along", "across"})


@pytest.mark.parametrize("family", ["greek_key", "waves", "scroll"])
def test_patterns_repeat_exactly_round_a_closed_band(family: str) -> None:
    """Moved on by a whole period (two where every second one is turned) a band is itself."""
    for layer in _pool(family, count=6, seed=6):
        period = 18.0 / layer.repeats * 2.0  # type: ignore[attr-defined]
        if layer.repeats % 2:  # type: ignore[attr-defined]
            period *= 0.5
            if family == "scroll":
                continue
        if getattr(layer, "design", "") in ("ess", "cee"):
            period *= 2.0
        columns = 360
        step = columns * period / 18.0
        if abs(step - round(step)) > 1e-6 or round(step) >= columns:
            continue
        field = _heights(layer, columns / 18.0)
        assert _moved_on(field, round(step)) < 1e-3
