"""Measures of the ornament benchmark on arrays of known truth: seam, over and under, likeness, windows of mixtures."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import ornament_clean
import ornament_diversity
import ornament_judge
import ornament_mixtures
import ornament_seam
from ornament_prompts import MIXTURES

from ringcad.generators.ornament.measure import Heights

PIXELS = 20.0
Array = NDArray[np.float64]


def heights(values: Array) -> Heights:
    return Heights(values, values.shape[1] / PIXELS, values.shape[0] / PIXELS, True)


def waves(cycles: float, columns: int = 400) -> Array:
    u = (np.arange(columns) + 0.5) / columns
    v = np.linspace(-1.0, 1.0, 100)[:, None]
    return np.asarray(np.clip(1.0 - np.abs(v - 0.5 * np.sin(2 * np.pi * cycles * u)) / 0.3, 0.0, 1.0))


def test_seam_of_whole_and_of_broken_repeats() -> None:
    whole = ornament_seam.seam(heights(waves(5.0)))
    assert whole.value < 1.05 and whole.slope < 1.05
    broken = ornament_seam.seam(heights(waves(5.3)))
    assert broken.value > 2.0 and broken.slope > 2.0
    # Heights that meet in a kink: a slope that jumps and a value that does not.
    u = (np.arange(400) + 0.5) / 400
    kink = np.repeat((0.5 + 0.4 * np.abs(np.sin(np.pi * u)))[None, :] * np.hanning(100)[:, None], 1, axis=0)
    found = ornament_seam.seam(heights(kink))
    assert found.value < 1.05 < 3.0 < found.slope
    assert ornament_seam.whole_repeats(heights(waves(5.0))) > 0.95


def twist(alternating: bool, crossings: int = 8) -> Array:
    """Two strands in waves about each other; one always on top, or over and under in turn."""
    u = np.linspace(0.0, crossings, 800, endpoint=False)
    v = np.linspace(-1.6, 1.6, 96)[:, None]
    out = np.zeros((96, 800))
    for sign in (1.0, -1.0):
        middle = sign * np.sin(np.pi * u)
        slope = np.hypot(1.0, np.pi * np.cos(np.pi * u) * crossings / (800 / 30.0))
        tube = np.sqrt(np.clip(1.0 - ((v - middle) / (0.3 * slope)) ** 2, 0.0, None))
        near = np.exp(-((((u + 0.5) % 1.0 - 0.5) / 0.22) ** 2))
        side = np.cos(np.pi * np.round(u)) if alternating else 1.0
        level = 1.0 - 0.35 * near * (0.5 - 0.5 * sign * side)
        out = np.maximum(out, level * tube)
    return out


def test_over_and_under_are_told() -> None:
    right = ornament_seam.crossings(heights(twist(True)), 0.3)
    assert right.crossings >= 6 and right.pairs >= 8 and right.alternating == right.pairs
    wrong = ornament_seam.crossings(heights(twist(False)), 0.3)
    assert wrong.pairs >= 8 and wrong.alternating == 0


def test_likeness_finds_shifts_and_flips() -> None:
    rng = np.random.default_rng(2)
    one = ndimage.gaussian_filter(rng.random((24, 80)), 2) - 0.5
    other = ndimage.gaussian_filter(rng.random((24, 80)), 2) - 0.5
    one, other = (np.pad(x[4:-4, 12:-12] - x.mean(), ((4, 4), (12, 12))) for x in (one, other))
    moved = np.roll(one, (2, 7), axis=(0, 1))
    likeness = ornament_diversity.aligned([one, moved, one[::-1], one[:, ::-1], other])
    assert likeness[0, :4].min() > 0.98
    assert likeness[:4, 4].max() < 0.8
    assert likeness == pytest.approx(likeness.T)


def test_separation_is_the_area_under_the_curve() -> None:
    assert ornament_clean.separation([1.0, 2.0], [3.0, 4.0]) == 1.0
    assert ornament_clean.separation([3.0, 4.0], [1.0, 2.0]) == 0.0
    assert ornament_clean.separation([1.0, 3.0], [2.0, 3.0]) == pytest.approx(0.625)


def test_melting_is_seen_and_nothing_without_it() -> None:
    field = heights(waves(5.0))
    assert np.abs(ornament_clean.melted(field, 1, 0.0).values - field.values).mean() < 0.03
    clean = ornament_clean.cleanness(field)
    assert ornament_clean.cleanness(ornament_clean.melted(field, 1)).tremor > clean.tremor + 0.4


def test_classifier_learns_textures_and_their_place() -> None:
    rng = np.random.default_rng(7)

    def texture(kind: int) -> Heights:
        u, v = np.meshgrid(np.arange(300), np.arange(60))
        phase, period = rng.uniform(0, 20), rng.uniform(9, 13)
        lines = {0: u, 1: v, 2: u + v}[kind]
        return heights(0.5 + 0.5 * np.sin(2 * np.pi * lines / period + phase))

    names = ("bars", "lines", "slants")
    known = [(names[k], ornament_judge.features(texture(k))) for k in (0, 1, 2) for _ in range(6)]
    judge = ornament_judge.trained(known)
    for kind, name in enumerate(names):
        fresh = ornament_judge.features(texture(kind))
        assert judge.likeliest(fresh) == name
        assert judge.chance(fresh, frozenset({name})) > 0.8
        assert judge.chance(fresh, frozenset(names) - {name}) < 0.2
        # A theme and its mirror images are one.
        assert np.allclose(judge.chances(fresh), judge.chances(fresh[:, ::-1]))


def test_pieces_are_cut_at_clear_ground_also_round_the_seam() -> None:
    values = np.zeros((60, 300))
    # One figure over the seam, one in the middle, and a ball between them that is no figure.
    values[10:50, :40] = values[10:50, 280:] = values[10:50, 120:180] = values[28:34, 80:86] = 0.8
    found = ornament_judge.pieces(heights(values))
    assert sorted(piece.values.shape[1] for piece in found) == [60, 60]
    assert len(ornament_judge.pieces(heights(np.ones((20, 50))))) == 1


def test_siblings_are_one_theme_and_leaves_only_on_slim_edges() -> None:
    assert ornament_judge.siblings("bead_row", "strip") == {"milgrain", "bead_row"}
    assert ornament_judge.siblings("ivy", "edge") == {"vine", "ivy", "oak", "laurel"}
    assert ornament_judge.siblings("ivy", "piece") == {"ivy"}


def test_strangers_share_no_theme_with_the_prompt() -> None:
    others = ornament_mixtures.strangers(MIXTURES)
    for own in MIXTURES:
        other = others[own.text]
        assert own.layout == other.layout and not {own.main, own.other} & {other.main, other.other}


def test_strips_are_cut_at_clear_ground() -> None:
    values = np.zeros((100, 300))
    values[5:15] = values[30:70] = values[85:95] = 0.8
    # Neither edge is told from a rail here unless it is one: take away the left part of the edges.
    values[5:15, :90] = values[85:95, :90] = 0.0
    tall = [strip.values.shape[0] for strip in ornament_mixtures.strips(heights(values))]
    assert tall == [12, 42, 12]
