"""Widths at half height on height maps whose strokes are known by construction."""

from __future__ import annotations

import numpy as np
import pytest
from verify_ring_bodies import arrays_of, resolved_ring, ring_solid

from ringcad.verify.detail import DetailZone, ground_of, judge_heights
from ringcad.verify.mesh import mesh_from_arrays
from ringcad.verify.rays import RayCaster
from ringcad.verify.relief_chart import PIXEL_MM, Chart, unroll

LIMIT_MM = 0.35
RIM_MM, TERRACE_MM = 0.28, 0.12
"""Heights of a broad rim and of the terrace beside it; half of the one is above the other."""


def judged(terrace: float, slope: float, fin: float = 0.0) -> DetailZone:
    """A rim 1 mm wide, beside it a terrace of the given width that slopes down over ``slope``, and on the ground
    beyond, standing off the terrace, a fin as high as it, ``fin`` wide at half height."""
    across, along = (np.arange(count) * PIXEL_MM for count in (90, 120))
    y = across[:, None]
    rim = RIM_MM * np.clip((1.1 - y) / 0.1, 0.0, 1.0)
    step = TERRACE_MM * np.clip((1.0 + terrace + slope - y) / slope, 0.0, 1.0)
    flank = np.clip((0.5 * fin - np.abs(along[None, :] - 3.0)) / 0.1 + 0.5, 0.0, 1.0) if fin else 0.0 * along[None, :]
    height = np.maximum(np.maximum(rim, step), TERRACE_MM * flank * (y < 3.5))
    points = np.stack(np.broadcast_arrays(y, along[None, :], 0.0), axis=2)
    return judge_heights("relief", height, Chart(height, points, across, np.full(120, 2.25), PIXEL_MM), LIMIT_MM)


@pytest.mark.parametrize("terrace", [0.2, 0.3, 0.4, 0.5])
@pytest.mark.parametrize("slope", [0.2, 0.4, 0.6])
def test_a_terrace_below_a_taller_rim_is_no_thin_stroke(terrace: float, slope: float) -> None:
    """Every level set of it is broad; half of the local crest alone would cut a strip out of its slope."""
    zone = judged(terrace, slope)
    assert not zone.refused
    assert zone.narrow_mm2 == 0.0


@pytest.mark.parametrize(("fin", "bad"), [(0.15, True), (0.2, True), (0.5, False)])
def test_a_fin_that_runs_into_a_terrace_is_measured(fin: float, bad: bool) -> None:
    zone = judged(0.4, 0.4, fin)
    assert zone.refused is bad
    if bad:
        assert zone.narrowest_mm == pytest.approx(fin, abs=0.05)
        assert zone.narrow_place_mm is not None
        assert zone.narrow_place_mm[1] == pytest.approx(3.0, abs=0.2)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("tilt_mm", [0.0, 0.2])
def test_the_ground_does_not_climb_borders_along_both_sides(sign: float, tilt_mm: float) -> None:
    """A slim band of beads between borders that reach to the chart's sides and ends; raised or sunk."""
    across, along = (np.arange(33) - 16) * PIXEL_MM, np.arange(242) * PIXEL_MM
    side = np.clip((np.abs(across) - 0.45) / 0.1 + 0.5, 0.0, 1.0)[:, None] + 0.0 * along
    away = np.minimum(along, along[-1] - along)
    end = np.clip((0.4 - away) / 0.1, 0.0, 1.0)[None, :]
    bead = np.clip(1.0 - np.hypot((along[None, :] + 0.35) % 0.7 - 0.35, across[:, None]) / 0.25, 0.0, 1.0) ** 0.5
    relief = 0.25 * np.maximum(np.maximum(side, end), bead)
    plain = 11.0 + tilt_mm * along / along[-1]
    points = np.zeros((*relief.shape, 3))
    chart = Chart(plain + sign * relief, points, across, np.full(len(along), 1.1), PIXEL_MM)
    ground = ground_of(chart, engraved=sign < 0.0)
    inner = slice(12, -12)
    assert np.abs(ground - plain)[:, inner].max() < 0.06


@pytest.mark.parametrize("stretch", [1.0, 1.15])
def test_a_stroke_across_a_slope_is_as_wide_as_it_is_on_the_metal(stretch: float) -> None:
    """Rays at even angles meet a climbing ground further apart than the chart's step."""
    across, along = (np.arange(count) * PIXEL_MM for count in (60, 80))
    bar = np.clip((0.13 - np.abs(along - 2.0)) / 0.1 + 0.5, 0.0, 1.0)[None, :] * np.ones((60, 1))
    points = np.stack(np.broadcast_arrays(across[:, None], along[None, :], 0.0), axis=2)
    chart = Chart(bar, points, across, np.full(80, 1.5), PIXEL_MM, stretch=np.full(80, stretch))
    zone = judge_heights("relief", 0.3 * bar, chart, LIMIT_MM)
    assert zone.narrowest_mm == pytest.approx(0.26 * stretch, abs=0.02)
    assert zone.refused is (stretch == 1.0)


def test_relief_beside_a_drilled_seat_is_looked_at() -> None:
    """A through hole at mid-width hides no more of the band than the seat and its rim."""
    ring = resolved_ring(flush=True)
    vertices, faces = arrays_of(ring_solid(ring))
    zone = ring.decoration[0].model_copy(update={"phi_start_deg": 85.0, "phi_end_deg": 115.0})
    chart = unroll(RayCaster(mesh_from_arrays(vertices, faces)), ring, zone)
    assert chart is not None
    assert np.isfinite(chart.radius_mm).any(axis=0).all()
    hidden = np.isnan(chart.radius_mm[np.abs(chart.across_mm) < 1.2]).any(axis=0).sum() * PIXEL_MM
    accent = ring.accents[0]
    assert hidden == pytest.approx(accent.opening_diameter_mm + 2.0 * accent.rim_mm + 0.2, rel=0.15)
