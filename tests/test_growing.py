"""What grows on stems: sizes that keep their gaps, halves that mirror each other, flowers that are never left out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from ringcad.generation import GeneratorRequest
from ringcad.generators.ornament import leaves
from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.compose import make_frame
from ringcad.generators.ornament.elements import Bead, Placement, Stroke
from ringcad.generators.ornament.flowers import BLOOMS, petal, ring_of
from ringcad.generators.ornament.foliage import IVY, LAUREL, OAK, VINE, Plant
from ringcad.generators.ornament.growing import APART, Growth, Seat, border_points, over_and_under
from ringcad.generators.ornament.layout import Room, make_room
from ringcad.generators.ornament.painting import draw_elements
from ringcad.generators.ornament.plates import Group, Laid, Plate, Stack, box_of
from ringcad.generators.ornament.raster import Array, Canvas
from ringcad.generators.ornament.registry import FAMILIES
from ringcad.generators.ornament.shapes import disc

PIXELS = 16.0


def _room(width: float = 5.0, length: float = 16.0, closed: bool = False) -> Room:
    request = GeneratorRequest("test", 3, length, width, 0.35, 0.35, 0.25, both_ends_designed=not closed)
    return make_room(make_frame(request, "plain", "square", "square"))


def _heights(elements: list[object], room: Room) -> Array:
    canvas = Canvas(room.u0 + room.u1, 2.0 * room.half + 0.6, PIXELS, room.periodic, 0.35)
    draw_elements(canvas, elements)  # type: ignore[arg-type]
    return np.asarray(canvas.height)


def _ball(size: float, room: Room) -> list[Bead]:
    """A ball of some length that touches its foot."""
    return [Bead(0.5 * size, 0.0, 0.5 * size)]


# ---------------------------------------------------------------- fitting


@pytest.mark.parametrize("apart", [1.6, 2.2, 3.0])
def test_balls_side_by_side_grow_until_their_gap_is_left(apart: float) -> None:
    """Two balls that grow upwards at a distance a come to a - gap across, as long as the room is higher."""
    room = _room(12.0)
    seats = [Seat(6.0 + k * apart, 3.0, -90.0, _ball, "ball") for k in range(2)]  # type: ignore[arg-type]
    growth = Growth(room)
    size = growth.fitted(seats[0], seats, 14)
    assert size == pytest.approx(apart - APART * room.gap, abs=0.02)


def test_a_ball_alone_fills_the_room() -> None:
    room = _room()
    size = Growth(room).fitted(Seat(8.0, room.half, -90.0, _ball, "ball"), (), 16)  # type: ignore[arg-type]
    assert size == pytest.approx(2.0 * room.half, abs=0.01)


def test_a_closed_band_has_neighbours_across_its_seam() -> None:
    room = _room(12.0, 20.0, closed=True)
    seats = [Seat(u, 3.0, -90.0, _ball, "ball") for u in (19.2, 1.0)]  # type: ignore[arg-type]
    size = Growth(room).fitted(seats[0], seats, 14)
    assert size == pytest.approx(1.8 - APART * room.gap, abs=0.02)


def test_pearls_keep_clear_of_stems_edge_and_each_other() -> None:
    room = _room(6.0)
    growth = Growth(room)
    growth.stems = [Stroke(np.array([[room.u0, 0.0], [room.u1, 0.0]]), 0.2)]
    growth.pearls(0.4, 20)
    balls = [element for element in growth.elements if isinstance(element, Bead)]
    assert len(balls) > 4
    for k, ball in enumerate(balls):
        assert abs(ball.v) - ball.radius - 0.2 >= room.gap - 0.02
        assert float(room.clearance(np.array([[ball.u, ball.v]]))[0]) >= ball.radius - 1e-9
        for other in balls[:k]:
            assert np.hypot(ball.u - other.u, ball.v - other.v) - ball.radius - other.radius >= room.gap - 1e-9


def test_shoots_start_on_a_stem() -> None:
    room = _room(8.0)
    growth = Growth(room)
    growth.stems = [Stroke(np.array([[room.u0, 0.5], [room.u1, 0.5]]), 0.2)]
    growth.shoots(leaves.bay_leaf, 2.5, 6)
    stalks = [element for element in growth.elements if isinstance(element, Stroke)]
    assert 2 <= len(stalks) <= 6
    assert all(abs(float(stalk.points[0, 1]) - 0.5) < 0.25 for stalk in stalks)
    assert all(float(room.clearance(line).min()) >= -1e-9 for line in growth.placed)


def test_one_stem_goes_under_where_the_other_goes_over() -> None:
    t = np.linspace(0.0, 4.0, 200)
    line = np.column_stack([t, np.sin(np.pi * t)])
    crossings = [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)]
    one, two = (over_and_under(line * [1.0, s], crossings, 0.6, s > 0) for s in (1.0, -1.0))
    at = [int(np.argmin(np.abs(t - u))) for u, _ in crossings]
    assert [bool(one[k] < two[k]) for k in at] == [True, False, True]
    assert one.max() == two.max() == 1.0 and min(one.min(), two.min()) > 0.5


# ---------------------------------------------------------------- plants


@pytest.mark.parametrize(
    "plant", [VINE, IVY, OAK, LAUREL], ids=lambda plant: plant.layer.model_fields["family"].default
)
@pytest.mark.parametrize("course", ["meet", "part"])
def test_halves_mirror_each_other(plant: Plant, course: str) -> None:
    room = _room(5.0)
    layer = plant.propose(room, Attributes(form="wave"), np.random.default_rng(4))
    layer = layer.model_copy(update={"course": course, "repeats": 6})
    height = _heights(plant.draw(layer, room), room)
    # Of the berries in the middle one must lie on top.
    assert np.abs(height - height[:, ::-1]).mean() < 0.004
    assert np.mean((height > 0.5) != (height[:, ::-1] > 0.5)) < 0.003


@pytest.mark.parametrize("bloom", BLOOMS, ids=lambda bloom: bloom.figure.name)
def test_stems_bear_flowers(bloom: object) -> None:
    """Every drawing on stems holds flowers: stacks of petals beside leaves, in both halves where there are two."""
    family = FAMILIES[bloom.figure.name]  # type: ignore[attr-defined]
    room = _room(5.0)
    seen = set()
    for seed in range(14):
        layer = family.propose(room, Attributes(), np.random.default_rng(seed))
        if layer.form not in ("wave", "edge", "twin"):
            continue
        seen.add(layer.form)
        laid = [e for e in family.draw(layer, room) if isinstance(e, Laid)]
        # A head may be a group of petals and seeds.
        groups = [e.element.elements if isinstance(e.element, Group) else (e.element,) for e in laid]
        stacks = [body.elements for group in groups for body in group if isinstance(body, Stack)]
        # Petals round a heart are bodies of several outlines; a rose's leaf begins with its stalk.
        flowers = [parts for parts in stacks if isinstance(parts[0], Plate) and len(parts) + len(parts[0].outlines) > 3]
        assert len(flowers) >= (1 if layer.course == "along" else 2), layer
    assert len(seen) >= 2


def test_forms_can_be_asked_for() -> None:
    room = _room(6.0)
    for form in ("wave", "twin", "edge"):
        assert IVY.propose(room, Attributes(form=form), np.random.default_rng(1)).form == form
    assert LAUREL.propose(room, Attributes(form="torus"), np.random.default_rng(1)).form == "torus"


def test_a_garland_is_one_body_without_slits() -> None:
    """Leaves like scales: hardly a hole inside the garland's outline."""
    room = _room(5.0)
    layer = LAUREL.propose(room, Attributes(form="torus"), np.random.default_rng(2))
    layer = layer.model_copy(update={"course": "along", "fill": "none", "leaf": "bay"})
    solid = _heights(LAUREL.draw(layer, room), room) > 0.5
    filled = ndimage.binary_closing(np.pad(solid, 12), iterations=10)[12:-12, 12:-12]
    assert solid.sum() > 0.8 * filled.sum() and solid.mean() > 0.35


# ---------------------------------------------------------------- bodies


def test_a_dish_falls_towards_its_middle() -> None:
    """A plate of radius 2 with a dish of radius 2 that loses a half: 1 - (1 - r / 2) / 2 on its top."""
    plate = Plate((disc(2.0, (4.0, 0.0), 120),), 0.1, 1.0, 0.0, 1.0, dish=(4.0, 0.0, 2.0, 0.4))
    canvas = Canvas(8.0, 5.0, 20.0, False, 0.0)
    plate.draw(canvas)
    row = canvas.height[int(np.argmin(np.abs(canvas.v)))]
    for r in (0.5, 1.0, 1.5):
        assert float(np.interp(4.0 + r, canvas.u, row)) == pytest.approx(1.0 - 0.4 * (1.0 - r / 2.0), abs=0.02)
    moved = plate.moved(Placement(1.0, 0.5, 90.0))
    assert moved.dish is not None and moved.dish[:2] == pytest.approx((1.0, 4.5))


@pytest.mark.parametrize("n", [4, 5, 8, 11])
def test_petals_in_few_bodies_cover_what_single_ones_do(n: int) -> None:
    room = _room()
    petals = [petal(room, 360.0 * j / n, 0.3, 2.0, 1.0, "round", 0.0) for j in range(n)]
    bodies = ring_of(petals, (0.0, 0.0, 2.0, 0.4))
    assert len(bodies) == 2 + n % 2

    def covered(parts: list[object]) -> Array:
        canvas = Canvas(5.0, 5.0, 16.0, False, 0.0)
        for part in parts:
            part.moved(Placement(2.5)).draw(canvas)  # type: ignore[attr-defined]
        return np.asarray(canvas.height > 0.5)

    one, all_ = covered(list(bodies)), covered(list(petals))
    assert np.mean(one != all_) < 0.004 and all_.mean() > 0.2


def test_what_is_laid_twice_stays_metal() -> None:
    """Two balls laid over a plate, close together: the valley between them is no slit."""
    canvas = Canvas(6.0, 5.0, 20.0, False, 0.0)
    body = Plate((disc(2.0, (3.0, 0.0), 80),), 0.2)
    balls = [Laid(Bead(u, 0.0, 0.4), 0.6, 0.45) for u in (2.4, 3.6, 3.0)]
    draw_elements(canvas, [body, *balls])
    u, v = np.meshgrid(canvas.u, canvas.v)
    assert canvas.height[np.hypot(u - 3.0, v) < 1.8].min() > 0.5


def test_boxes_hold_their_forms() -> None:
    room = _room()
    for form in (
        leaves.acorn(2.0, room)[0],
        leaves.ivy_leaf(2.0, room)[0],
        Bead(1.0, 0.5, 0.3),
        leaves.grapes(2.0, room)[0],
    ):
        u0, u1, v0, v1 = box_of(form)
        points = border_points([form])
        assert u0 <= points[:, 0].min() + 1e-9 and points[:, 0].max() <= u1 + 1e-9
        assert v0 <= points[:, 1].min() + 1e-9 and points[:, 1].max() <= v1 + 1e-9
        assert u1 - u0 < 1.1 * float(np.ptp(points[:, 0])) + 0.05


LEAVES = """ivy_leaf young_ivy_leaf heart_leaf grape_leaf oak_leaf bay_leaf olive_leaf spoon_leaf holly_leaf
    rose_leaf""".split()


@pytest.mark.parametrize("name", LEAVES)
@pytest.mark.parametrize("size", [1.6, 2.6, 4.5])
def test_leaves_lie_along_their_axis_and_are_castable(name: str, size: float) -> None:
    """From the origin towards +x, as long as asked, nearly symmetric, and no part that a disc of a stroke loses."""
    make = getattr(leaves, name)
    room = _room()
    u0, u1, v0, v1 = box_of(Stack(tuple(make(size, room)), 0.3))
    assert 0.8 * size < u1 < 1.15 * size and u0 > -0.3 * size
    assert abs(v0 + v1) < 0.14 * size + 0.05
    canvas = Canvas(8.0, 7.0, 40.0, False, 0.35)
    draw_elements(canvas, [part.moved(Placement(2.0)) for part in make(size, room)])
    solid = canvas.height > 0.5
    core = ndimage.distance_transform_edt(solid) * canvas.pixel_mm > 0.5 * 0.35 - canvas.pixel_mm
    opened = ndimage.distance_transform_edt(~core) * canvas.pixel_mm <= 0.5 * 0.35
    assert (solid & ~opened).sum() < 0.03 * solid.sum()
