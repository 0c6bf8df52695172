"""Quiet grounds behind figures: soft ribs, dimples and facets as a chaser works them into bare metal.

They stand low, whatever they are drawn over, keep to soft slopes and leave a moat about every figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.spatial import cKDTree

from ringcad.generators.ornament.attributes import Attributes
from ringcad.generators.ornament.elements import Drawable, Placement
from ringcad.generators.ornament.family import Family
from ringcad.generators.ornament.layout import Room
from ringcad.generators.ornament.painting import Transferred
from ringcad.generators.ornament.raster import Array, Canvas, shoulder
from ringcad.generators.ornament.schema import Finite, LayerBase, Positive, Share

Form = Literal["ribbed", "dimpled", "hammered", "hatched"]
FORMS: tuple[Form, ...] = ("ribbed", "hammered")
"""Forms that are taken unasked; dimples and hatching draw the eye where figures interrupt them."""
BROAD = {"ribbed": 1.15, "dimpled": 1.3, "hammered": 1.75, "hatched": 1.5}
"""Pitch of a texture over the sum of a stroke and a gap: its soft rises are a stroke wide at half of their height."""
FLOOR = {"ribbed": 0.55, "dimpled": 0.6, "hammered": 0.7, "hatched": 0.5}
"""Height of the valleys over that of the crests: the busier the texture, the flatter."""


class MattedLayer(LayerBase):
    """A texture over the whole room: ribs along the band, dimples in quincunx, the dents of a small hammer, or lines
    that cross aslant.
    """

    family: Literal["matted"] = "matted"
    form: Form = "hammered"
    pitch_mm: Positive
    floor: Share = 0.5
    """Depth of the valleys: their height over that of the crests."""
    dents: tuple[tuple[Finite, Finite], ...] = ()
    """(u, v) of each dent of the hammered form."""


def _propose(room: Room, wish: Attributes, rng: np.random.Generator) -> MattedLayer | None:
    if room.half < room.stroke:
        return None
    form = next((form for form in get_args(Form) if form == wish.form), FORMS[int(rng.integers(len(FORMS)))])
    pitch = BROAD[form] * (room.stroke + room.gap)
    dents: tuple[tuple[float, float], ...] = ()
    if form == "hammered":
        rise = pitch * float(np.sqrt(0.75))
        rows = max(1, round(2.0 * room.half / rise)) + 1
        count = max(2, round(room.length / pitch))
        step = room.length / count
        loose = 0.24 * pitch * rng.uniform(-1.0, 1.0, (rows, count, 2))
        dents = tuple(
            (
                round(room.u0 + (k + (0.25 if row % 2 else 0.75)) * step + float(loose[row, k, 0]), 4),
                round((row - 0.5 * (rows - 1)) * rise + float(loose[row, k, 1]), 4),
            )
            for row in range(rows)
            for k in range(count)
        )
    return MattedLayer(form=form, pitch_mm=round(pitch, 4), floor=FLOOR[form], dents=dents)


@dataclass(frozen=True)
class Texture:
    """The heights of a texture, with a rounded edge at the room's outline."""

    layer: MattedLayer
    room: Room

    def discs(self) -> tuple[Array, Array]:
        return np.array([[0.5 * (self.room.u0 + self.room.u1), 0.0]]), np.array([self.room.half])

    def moved(self, place: Placement) -> Drawable:
        return Transferred(self, place, self.room.shape.band.length_mm, self.room.half)

    def draw(self, canvas: Canvas) -> None:
        layer, room = self.layer, self.room
        rows, columns = canvas.height.shape
        u, v = canvas.coordinates(np.arange(rows), np.arange(columns))
        edge = shoulder(room.inside(u, v), min(0.2, room.half), canvas.pixel_mm)
        across = max(1, round(2.0 * room.half / layer.pitch_mm))
        y = (v / room.half + 1.0) * 0.5 * across
        if layer.form == "ribbed":
            wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * y)
        elif layer.form == "dimpled":
            along = max(1, round(room.length / (np.sqrt(2.0) * layer.pitch_mm)))
            x = (u - room.u0) / room.length * along
            y = y / np.sqrt(2.0)
            wave = 0.5 - 0.25 * (np.cos(2.0 * np.pi * (x + y)) + np.cos(2.0 * np.pi * (x - y)))
        elif layer.form == "hatched":
            along = max(1, round(room.length / layer.pitch_mm))
            x = (u - room.u0) / room.length * along
            y = v / layer.pitch_mm
            lines = np.maximum(np.cos(2.0 * np.pi * (x + y)), np.cos(2.0 * np.pi * (x - y)))
            wave = 0.5 + 0.5 * lines
        else:
            wave = self._dents(u, v)
        height = layer.floor + (1.0 - layer.floor) * np.clip(wave, 0.0, 1.0)
        canvas.height = np.maximum(canvas.height, height * edge)

    def _dents(self, u: Array, v: Array) -> Array:
        """Round dents that meet in soft ridges: how much nearer one dent is than the next, eased at both ends."""
        dents = np.array(self.layer.dents, dtype=np.float64).reshape(-1, 2)
        if not len(dents):
            return np.ones(u.shape)
        if self.room.periodic:
            lap = np.array([self.room.length, 0.0])
            dents = np.vstack([dents - lap, dents, dents + lap])
        near, _ = cKDTree(dents).query(np.stack([u.ravel(), v.ravel()], axis=-1), k=2)
        rim = np.clip((near[:, 1] - near[:, 0]) / (0.5 * self.layer.pitch_mm), 0.0, 1.0)
        bowl = 1.0 - rim * rim * (3.0 - 2.0 * rim)
        return np.asarray(bowl.reshape(u.shape))


def _draw(layer: MattedLayer, room: Room) -> list[Drawable]:
    return [Texture(layer, room)]


FAMILIES: tuple[Family[MattedLayer], ...] = (
    Family("matted", MattedLayer, _propose, _draw, kin=("milgrain",), rows_of_its_own=True),
)
