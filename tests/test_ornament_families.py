"""Every family of the grammar over widths, open and closed: heights, seam, castability, seeds, storage."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from ruamel.yaml import YAML

from ringcad.core.errors import InputError
from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import compose, render
from ringcad.generators.ornament.elements import Drawable
from ringcad.generators.ornament.frame import FrameShape
from ringcad.generators.ornament.layout import make_room
from ringcad.generators.ornament.program import Program, program_from_dict
from ringcad.generators.ornament.registry import FAMILIES, LAYERS
from ringcad.generators.ornament.scene import placed_elements
from ringcad.generators.ornament.schema import LayerBase
from ringcad.relief.castability import make_castable

WIDTHS = (2.4, 3.6, 5.0, 8.0, 12.0)
REQUEST = GeneratorRequest("", 3, 13.0, 5.0, 0.35, 0.35, 0.25, border="plain")
ALL = sorted(FAMILIES)
COARSE = 8.0


@cache
def made(family: str, width: float, closed: bool, seed: int = 3) -> Program | None:
    """Program of a family, or ``None`` where it says that it does not fit."""
    request = replace(REQUEST, prompt=family, width_mm=width, both_ends_designed=not closed, seed=seed)
    try:
        return compose(request, family, Attributes())[0]
    except InputError as error:
        assert "does not fit" in str(error) and ("Smallest width" in str(error) or "ask for" in str(error))
        return None


def test_there_are_forty_families() -> None:
    asked = """vine ivy laurel acanthus oak rose lily daisy forget_me_not fern wheat thistle scroll filigree arabesque
        celtic_knot triquetra plait rope chain basket_weave waves seigaiha cloud flame feather wing scales honeycomb
        greek_key chevron deco_fan sunburst facets tracery damask paisley rosette hammered bark stipple starfield
        milgrain bead_row gadroon fleur_de_lis heart runes motif"""
    assert set(asked.split()) <= set(FAMILIES) and len(FAMILIES) >= 40
    for name, family in FAMILIES.items():
        assert family.name == name and LAYERS[name] is family.layer
        assert issubclass(family.layer, LayerBase) and family.layer.model_fields["family"].default == name
        assert all(kin in FAMILIES for kin in family.kin)


@pytest.mark.parametrize("family", ALL)
def test_heights_over_widths(family: str) -> None:
    for width in WIDTHS:
        for closed in (False, True) if width == 5.0 else (width in (3.6, 12.0),):
            program = made(family, width, closed)
            if program is None:
                assert width < 4.5, "a band of 4.5 mm holds every family"
                continue
            height = render(program, COARSE)
            assert height.dtype == np.float32 and height.shape == (round(8 * width), 104)
            assert height.min() < 1e-6 and height.max() == 1.0 and np.isfinite(height).all()
            # Something stands inside the frame, and something stays ground.
            inner = height[3:-3, 4:-4]
            assert 0.03 < float((inner > 0.5).mean()) and float((height > 0.3).mean()) < 0.97


@pytest.mark.parametrize("family", ALL)
def test_a_closed_band_meets_itself(family: str) -> None:
    """Shifting the seam: what is drawn across it is as smooth as elsewhere, in height and in slope."""
    program = made(family, 5.0, True)
    assert program is not None
    height = render(program, 16.0).astype(np.float64)
    wrapped = np.hstack([height[:, -4:], height[:, :4]])
    step, bend = np.abs(np.diff(height, axis=1)), np.abs(np.diff(height, 2, axis=1))
    assert np.abs(np.diff(wrapped, axis=1))[:, 3].mean() <= 1.1 * step.mean(axis=0).max() + 1e-9
    assert np.abs(np.diff(wrapped, 2, axis=1))[:, 2:4].mean(axis=0).max() <= 1.2 * bend.mean(axis=0).max() + 1e-9


@pytest.mark.parametrize("family", ALL)
def test_the_filter_finds_little(family: str) -> None:
    """The castability filter moves little of a middling band, whatever the family."""
    program = made(family, 6.0, False)
    assert program is not None
    height = render(program, 20.0) * 0.3
    result = make_castable(height, (1 / 20, 1 / 20), 0.35, 0.25, 0.3)
    assert result.changed_area_share < 0.1


def test_the_median_that_the_filter_moves() -> None:
    shares = []
    for family in ALL:
        program = made(family, 4.5, True)
        assert program is not None
        height = render(program, 16.0) * 0.3
        shares.append(make_castable(height, (1 / 16, 1 / 16), 0.35, 0.25, 0.3, "emboss", True).changed_area_share)
    assert float(np.median(shares)) < 0.02
    assert float(np.percentile(shares, 90)) < 0.08


@pytest.mark.parametrize("family", ALL)
def test_programs_survive_yaml_and_draw_the_same(family: str) -> None:
    program = made(family, 5.0, False)
    assert program is not None
    yaml, stream = YAML(typ="safe"), io.StringIO()
    yaml.dump(program.to_dict(), stream)
    back = program_from_dict(yaml.load(stream.getvalue()))
    assert back == program
    assert render(back, COARSE).tobytes() == render(program, COARSE).tobytes()


@pytest.mark.parametrize("family", ALL)
def test_seeds_are_different_designs(family: str) -> None:
    programs = [made(family, 5.0, False, seed) for seed in range(2, 7)]
    fields = [render(program, 4.0).ravel() for program in programs if program is not None]
    different = {field.tobytes() for field in fields}
    assert len(different) >= (3 if family not in ("motif", "lattice", "basket_weave", "chevron") else 2)


@pytest.mark.parametrize("family", ALL)
def test_elements_can_be_drawn_moved_and_measured(family: str) -> None:
    program = made(family, 5.0, False)
    assert program is not None
    room = make_room(FrameShape(program.band, program.frame))
    for layer in program.layers:
        elements = placed_elements(layer, room)
        assert elements and all(isinstance(element, Drawable) for element in elements)
        mirrored = layer.model_copy(update={"flip": True})
        ups = np.vstack([element.discs()[0] for element in elements])
        downs = np.vstack([element.discs()[0] for element in placed_elements(mirrored, room)])
        assert np.allclose(downs, ups * [1.0, -1.0], atol=1e-9)


def test_a_fresh_process_draws_the_same_heights() -> None:
    """One process draws all families again and prints what it drew."""
    code = """
import hashlib, sys
sys.path.insert(0, "tests")
from test_ornament_families import ALL, made, render
print(hashlib.sha256(b"".join(render(made(f, 5.0, True), 6.0).tobytes() for f in ALL)).hexdigest())
"""
    import hashlib

    here = hashlib.sha256()
    for family in ALL:
        program = made(family, 5.0, True)
        assert program is not None
        here.update(render(program, 6.0).tobytes())
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == here.hexdigest()


def _mirror_error(height: NDArray[np.float32]) -> float:
    return float(np.abs(height - height[::-1]).mean())


@pytest.mark.parametrize("family", ["rosette", "heart", "tracery", "sunburst", "fleur_de_lis", "daisy"])
def test_counts_are_kept(family: str) -> None:
    """As many figures as were asked for, where they fit."""
    from scipy import ndimage

    request = replace(REQUEST, prompt=family, width_mm=5.0, length_mm=20.0, border="none")
    wish = Attributes(repeats=3, balls=False, dense=0.6, rows=1)
    program, _ = compose(request, family, wish)
    layer = program.layers[0].model_copy(update={"between": "none"})
    height = render(program.model_copy(update={"layers": (layer,)}), 16.0)
    # Close the slits inside a figure, then count what stands apart.
    labels, count = ndimage.label(ndimage.binary_closing(np.pad(height > 0.3, 12), iterations=6))
    sizes = ndimage.sum_labels(labels > 0, labels, np.arange(1, count + 1))
    assert int((sizes > 0.25 * sizes.max()).sum()) == 3


def test_flat_sharp_and_soft_change_the_tops_and_not_the_widths() -> None:
    request = replace(REQUEST, prompt="plait", width_mm=6.0, border="none")
    drawn = {}
    for depth in (None, "flat", "sharp", "soft", "domed"):
        program, _ = compose(request, "plait", Attributes(depth=depth))
        drawn[depth] = render(program, 24.0)
    plain = drawn[None]
    for depth in ("flat", "sharp", "domed"):
        assert float(((drawn[depth] > 0.5) != (plain > 0.5)).mean()) < 0.006
    inner = plain > 0.52
    assert drawn["flat"][inner].mean() > plain[inner].mean() > drawn["sharp"][inner].mean()
    inside = (slice(16, -16), slice(16, -16))
    slopes = {depth: float(np.abs(np.diff(field[inside], axis=1)).max()) for depth, field in drawn.items()}
    assert slopes["soft"] < 0.8 * slopes[None]
