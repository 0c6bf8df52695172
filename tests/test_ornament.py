"""The ornament generator: heights, ends, repeats, determinism, programs."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import generator
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, render, render_program
from ringcad.generators.ornament.interlace import grid_paths
from ringcad.generators.ornament.raster import Canvas, base_ratio, profile_height, stamp
from ringcad.generators.ornament.registry import FAMILIES as GRAMMAR

REQUEST = GeneratorRequest(
    prompt="ivy vine with small leaves, milgrain edges",
    seed=7,
    length_mm=16.0,
    width_mm=4.0,
    depth_mm=0.35,
    min_stroke_mm=0.35,
    min_gap_mm=0.25,
    pixels_per_mm=16.0,
)

SOME = """chevron fan flowers greek_key hammered heart honeycomb ivy lattice laurel milgrain plait rope rose scales
    scroll vine waves""".split()
"""One family of every way of drawing; test_ornament_families.py goes through all of them."""


@pytest.mark.parametrize("family", SOME)
def test_heights_are_exact_and_framed(family: str) -> None:
    program, _ = compose(replace(REQUEST, prompt=family), family, Attributes())
    height = render(program, 16.0)
    assert height.dtype == np.float32
    assert height.shape == (64, 256)
    assert height.max() == 1.0 and height.min() == 0.0
    # Nothing stands on the zone's boundary: the relief dies into the plain metal.
    assert max(height[0].max(), height[-1].max(), height[:, 0].max(), height[:, -1].max()) < 0.01


@pytest.mark.parametrize("family", SOME)
def test_the_frame_closes_round_both_ends(family: str) -> None:
    for border in ("plain", "milgrain", "rope"):
        program, _ = compose(replace(REQUEST, prompt=family, border=border), family, Attributes())
        solid = render(program, 16.0) > 0.45
        middle = solid.shape[0] // 2
        # Walking along the axis from either end, and across it in the middle, one first meets the rail.
        for line in (solid[middle], solid[middle, ::-1], solid[:, 128], solid[::-1, 128]):
            assert line.any() and int(np.argmax(line)) < 0.6 * 16
        # The rail is one ring: the ground inside it is not connected with the ground outside.
        from scipy import ndimage

        labels, _ = ndimage.label(~np.pad(solid, 1))
        outside = labels[0, 0]
        assert not (labels[1:-1, 1:-1][middle - 12 : middle + 12, 40:216] == outside).any()


@pytest.mark.parametrize("family", SOME)
def test_a_closed_band_has_no_seam(family: str) -> None:
    """Rolled by half, the step across the seam is no larger than steps elsewhere."""
    program, _ = compose(replace(REQUEST, prompt=family, both_ends_designed=False), family, Attributes())
    height = render(program, 16.0).astype(np.float64)
    inside = np.abs(np.diff(height, axis=1)).mean(axis=0)
    across = np.abs(height[:, 0] - height[:, -1]).mean()
    assert across <= inside.max() + 1e-9


@pytest.mark.parametrize("family", ["milgrain", "plait", "greek_key", "honeycomb", "scroll", "lattice", "waves"])
def test_repeats_are_whole(family: str) -> None:
    """A closed band of n repeats is unchanged by a shift of one period of its border-free field."""
    program, _ = compose(replace(REQUEST, border="none", both_ends_designed=False), family, Attributes())
    layer = program.layers[0]
    count = getattr(layer, "repeats", None) or getattr(layer, "columns", None) or round(16.0 / layer.pitch_mm)
    period = 2 if family in ("plait", "scroll", "lattice") else 1  # these alternate sides
    # A whole number of pixels to a repeat.
    height = render(program, count * (1.0 if count >= 16 else 4.0))
    assert height.shape[1] % count == 0
    change = np.abs(np.roll(height, period * height.shape[1] // count, axis=1) - height)
    # Tubes are chains of stamps whose spacing need not divide the period: a little over a thousandth on average.
    assert change.mean() < 2e-3 and change.max() < 0.1


def test_same_request_same_relief_and_seeds_differ() -> None:
    first, again = generator.generate(REQUEST), generator.generate(REQUEST)
    assert first.height.tobytes() == again.height.tobytes()
    assert first.program == again.program
    for family in SOME:
        drawn = {
            render(compose(replace(REQUEST, seed=seed, prompt=family), family, Attributes())[0], 6.0).tobytes()
            for seed in range(4)
        }
        assert len(drawn) >= 2, family


@pytest.mark.parametrize("family", SOME)
def test_a_stored_program_redraws_bit_by_bit(family: str) -> None:
    request = replace(REQUEST, prompt=family.replace("_", " "))
    relief = generator.generate(request)
    assert relief.program is not None
    yaml = YAML(typ="safe")
    stream = io.StringIO()
    yaml.dump(relief.program, stream)
    stored = yaml.load(stream.getvalue())
    assert render_program(stored, request).height.tobytes() == relief.height.tobytes()


def test_programs_are_judged() -> None:
    program = generator.generate(REQUEST).program
    assert program is not None
    with pytest.raises(InputError, match="length"):
        render_program(program, replace(REQUEST, length_mm=17.0))
    with pytest.raises(InputError, match="family"):
        render_program({**program, "layers": [{"family": "unicorn"}]}, REQUEST)
    with pytest.raises(InputError, match="stem_mm"):
        bad = {**program["layers"][0], "stem_mm": float("nan")}
        render_program({**program, "layers": [bad]}, REQUEST)


def test_free_elements_are_drawn_where_they_are_placed() -> None:
    program = generator.generate(replace(REQUEST, prompt="vine, no border")).program
    assert program is not None
    free = {
        "family": "free",
        "strokes": [{"points_mm": [[3.0, 0.0], [8.0, 0.0]], "width_mm": 0.5}],
        "balls": [{"at_mm": [11.0, 0.5], "diameter_mm": 0.8}],
    }
    height = render_program({**program, "layers": [free]}, replace(REQUEST, pixels_per_mm=40.0)).height
    row = height[:, int(5.5 * 40)] > 0.5
    assert row.sum() / 40 == pytest.approx(0.5, abs=0.03)
    ball = height[:, int(9.0 * 40) :] > 0.5
    assert ball.sum() / 1600 == pytest.approx(np.pi * 0.4**2, rel=0.03)


def test_the_finer_sampling_converges() -> None:
    """Areas at half height are a matter of the drawing, not of the pixels."""
    for family in ("vine", "plait", "milgrain", "flowers"):
        program, _ = compose(REQUEST, family, Attributes())
        areas = [float((render(program, p) > 0.5).mean()) for p in (24.0, 48.0)]
        assert abs(areas[0] - areas[1]) < 0.03, family


@pytest.mark.parametrize("family", SOME)
def test_width_too_small_names_the_smallest(family: str) -> None:
    """With a border that was asked for; the usual one, for which nobody asked, gives way first."""
    asked = replace(REQUEST, border="rope")
    with pytest.raises(InputError, match=r"Smallest width: (\d\.\d) mm") as caught:
        compose(replace(asked, width_mm=1.0), family, Attributes())
    least = float(str(caught.value).split("Smallest width: ")[1].split(" mm")[0])
    compose(replace(asked, width_mm=least + 1e-6), family, Attributes())
    with pytest.raises(InputError):
        compose(replace(asked, width_mm=least - 0.11), family, Attributes())


def test_a_short_zone_names_the_smallest_length() -> None:
    with pytest.raises(InputError, match=r"Smallest length"):
        compose(replace(REQUEST, length_mm=1.2), "vine", Attributes())


def test_simplified_forms_are_declared() -> None:
    relief = generator.generate(replace(REQUEST, width_mm=2.3))
    assert any("simple form" in note for note in relief.understood)


@settings(max_examples=25, deadline=None)
@given(
    width=st.floats(2.2, 12.0),
    length=st.floats(8.0, 30.0),
    family=st.sampled_from(sorted(GRAMMAR)),
    seed=st.integers(0, 10_000),
    border=st.sampled_from(["plain", "milgrain", "rope", "none"]),
    designed=st.booleans(),
    dense=st.sampled_from([-1.0, 0.0, 1.0]),
    bold=st.sampled_from([-1.0, 0.0, 1.0]),
    rows=st.sampled_from([None, 1, 2, 5]),
)
def test_any_band_is_drawn_or_refused(
    width: float,
    length: float,
    family: str,
    seed: int,
    border: str,
    designed: bool,
    dense: float,
    bold: float,
    rows: int | None,
) -> None:
    request = replace(
        REQUEST,
        width_mm=width,
        length_mm=length,
        seed=seed,
        border=border,
        both_ends_designed=designed,
        pixels_per_mm=8.0,
    )
    try:
        program, _ = compose(request, family, Attributes(dense=dense, bold=bold, rows=rows))
    except InputError:
        assert width < 4.6
        return
    height = render(program, 8.0)
    assert np.isfinite(height).all() and height.min() >= 0.0 and height.max() == 1.0


def test_profiles_cross_half_height_at_their_radius() -> None:
    for profile in ("dome", "flat"):
        assert profile_height(profile, np.array([1.0]))[0] == pytest.approx(0.5, abs=1e-9)
        assert profile_height(profile, np.array([base_ratio(profile) + 1e-9]))[0] == pytest.approx(0.0, abs=1e-3)
    # A ball sunk by a third: the crest stands two thirds of the diameter above the ground.
    cap = profile_height("bead", np.array([0.0, 1.0]))
    assert cap[0] == pytest.approx(1.0) and cap[1] == pytest.approx(0.5, abs=1e-9)


def test_a_stamped_tube_has_its_width() -> None:
    canvas = Canvas(10.0, 3.0, 50.0, False)
    angle = np.deg2rad(30.0)
    t = np.linspace(0.0, 4.0, 300)
    stamp(canvas, np.column_stack([3.0 + t * np.cos(angle), -1.0 + t * np.sin(angle)]), 0.2, 1.0, "dome")
    area = float((canvas.height > 0.5).sum()) / 2500.0
    assert area == pytest.approx(0.4 * 4.0 + np.pi * 0.04, rel=0.01)
    # Volume of the half-elliptic tube, closed form: pi / 4 x base width x length, plus the two ends (2/3 pi r^2).
    base = 0.2 * base_ratio("dome")
    assert float(canvas.height.sum()) / 2500.0 == pytest.approx(
        np.pi / 2 * base * 4.0 + 2 / 3 * np.pi * base**2, rel=0.01
    )


@given(columns=st.integers(1, 12), rows=st.integers(1, 4), periodic=st.booleans())
def test_plait_paths_cover_every_crossing_twice(columns: int, rows: int, periodic: bool) -> None:
    columns, rows = 2 * columns, 2 * rows
    if periodic:
        columns = max(columns, 4)
    seen: dict[tuple[int, int], int] = {}
    for path, closed in grid_paths(columns, rows, periodic):
        assert closed or periodic
        for i, j in path[:-1]:
            key = (i % columns if periodic else i, j)
            seen[key] = seen.get(key, 0) + 1
    for i in range(0, columns if periodic else columns + 1):
        for j in range(rows + 1):
            edge = j in (0, rows) or (not periodic and i in (0, columns))
            expected = 0 if (i + j) % 2 == 0 else 1 if edge else 2
            assert seen.get((i, j), 0) == expected
