"""The motif vocabulary: outlines that can be filled, names that can be found, attribution that is complete."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ringcad.core.errors import InputError
from ringcad.generators.ornament import motifs

FOLDER = Path(motifs.__file__).parent


def _area(ring: motifs.Polygon) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def test_every_outline_is_closed_polygons_in_the_unit_box() -> None:
    assert len(motifs.names()) >= 1000 and len(set(motifs.names())) == len(motifs.names())
    for name in motifs.names():
        rings = motifs.outline(name)
        corners = np.vstack(rings)
        low, high = corners.min(axis=0), corners.max(axis=0)
        assert 0.0 <= low.min() and high.max() <= 1.0
        assert (high - low).max() == pytest.approx(1.0, abs=0.02), name
        assert 0.5 * (low + high) == pytest.approx(0.5, abs=0.02), name
        # Outer rings turn left, cuts turn right: their sum is the filled area.
        areas = [_area(ring) for ring in rings]
        assert all(len(ring) >= 3 for ring in rings) and max(areas) == max(map(abs, areas))
        assert 0.05 < sum(areas) < 0.9, name


def test_points_stay_in_a_few_megabytes() -> None:
    assert (FOLDER / "motif_table.safetensors").stat().st_size < 2_000_000
    assert len(motifs.load_motifs().points) / len(motifs.names()) < 300


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("skull", "skull"),
        ("octopus", "octopus"),
        ("snowflakes", "snowflake"),
        ("treble clef", "g-clef"),
        ("scarab", "scarab"),
        ("anchors", "anchor"),
        ("bumblebee", "bee"),
        ("butterflies", "butterfly"),
        ("wolves", "wolf"),
    ],
)
def test_nouns_find_their_motif_among_the_first_two(words: str, expected: str) -> None:
    found = [name for name, _ in motifs.nearest(words.split(), 2)]
    assert any(expected in name for name in found), found


def test_a_name_finds_itself() -> None:
    """Captions are what is searched, so a motif's own caption must bring it back, up to names with equal captions."""
    right = 0
    for name in motifs.names():
        caption = motifs.caption(name)
        found = [other for other, _ in motifs.nearest(caption, 4)]
        right += name in found or any(motifs.caption(other) == caption for other in found)
    assert right >= 0.99 * len(motifs.names())


def test_an_unknown_name_is_refused_with_close_ones() -> None:
    with pytest.raises(InputError, match="dragonfly"):
        motifs.outline("dragonfli")


def test_every_author_is_named_with_every_silhouette() -> None:
    notice = (FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    for name, (source, author) in zip(motifs.names(), motifs.load_motifs().sources, strict=True):
        assert name in notice
        assert (author if source == "game-icons" else "Microsoft") in notice
