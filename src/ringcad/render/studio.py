"""The light: a procedural softbox studio as an octahedral radiance map.

Polished metal shows nothing but its surroundings, so the surroundings are designed the way a
jewelry photographer builds them: a few large bright panels with soft gradients, black gaps between
them (the gaps draw the form), a warm side and a cool side, and a pale table that falls off to dark.
The studio's frame is x = the viewer's right, y = up, z = towards the camera.
Octahedral mapping after Cigolle et al. (2014), https://jcgt.org/published/0003/02/01/.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

GEM_MAP_SIZE = 384
MAP_SIZE = 512
"""Texels along one side: about three per degree, finer than any softbox edge below."""


@dataclass(frozen=True)
class Panel:
    """A softbox. ``azimuth_deg`` 0 is towards the camera, +90 the viewer's right; half sizes as seen."""

    azimuth_deg: float
    elevation_deg: float
    half_width_deg: float
    half_height_deg: float
    intensity: float
    color_rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    roll_deg: float = 0.0
    softness: float = 0.10
    """Share of the half size over which the edge fades."""
    falloff: float = 0.35
    """How much darker the panel's far end (its -y end) is than the near one: the gradient."""


WARM = (1.0, 0.945, 0.86)
COOL = (0.94, 0.97, 1.0)

RING_STUDIO: tuple[Panel, ...] = (
    Panel(178.0, 66.0, 50.0, 20.0, 1.55, (1.0, 0.985, 0.96), falloff=0.45),
    Panel(-72.0, 30.0, 17.0, 42.0, 1.30, COOL, roll_deg=-6.0, softness=0.25),
    Panel(66.0, 26.0, 24.0, 34.0, 1.75, WARM, roll_deg=8.0, falloff=0.5, softness=0.18),
    Panel(-8.0, 52.0, 26.0, 9.0, 0.95, (1.0, 0.99, 0.97), falloff=0.2, softness=0.3),
    Panel(150.0, 14.0, 16.0, 12.0, 1.1, COOL, falloff=0.3),
    Panel(-140.0, 12.0, 20.0, 8.0, 0.9, WARM, falloff=0.3),
    Panel(10.0, 10.0, 44.0, 11.0, 0.85, (1.0, 0.97, 0.92), falloff=0.3, softness=1.4),
    Panel(180.0, 3.0, 30.0, 16.0, 0.80, (1.0, 0.99, 0.97), falloff=0.2, softness=0.9),
)
"""For the standing ring: one key from behind and above, a cool strip on the left, a warm wall on the right,
a card under the camera that gives flat sides a gradient, and the pale backdrop that edges mirror."""

MACRO_STUDIO: tuple[Panel, ...] = (
    Panel(180.0, 58.0, 60.0, 44.0, 1.6, (1.0, 0.985, 0.96), falloff=0.75, softness=1.2),
    Panel(0.0, 62.0, 34.0, 16.0, 1.25, (1.0, 0.99, 0.97), falloff=0.5, softness=0.9),
    Panel(-62.0, 18.0, 12.0, 40.0, 1.5, COOL, roll_deg=-10.0, softness=0.5),
    Panel(58.0, 10.0, 14.0, 44.0, 1.6, WARM, roll_deg=10.0, softness=0.5, falloff=0.5),
    Panel(0.0, -38.0, 40.0, 14.0, 0.55, WARM, falloff=0.6, softness=1.0),
    Panel(180.0, -8.0, 36.0, 22.0, 0.85, (1.0, 0.99, 0.97), falloff=0.2, softness=0.9),
)
"""For the relief: broad soft gradients, so that the ground runs from light to dark and every edge stands out."""

_SPARKLES = 26
_SPARKLE_LEVEL = 9.0
"""Small bright lamps that only stones see; metal would show them as specks."""


def direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Unit vector in the studio's frame."""
    a, e = np.deg2rad(azimuth_deg), np.deg2rad(elevation_deg)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])


def _panel_rows(panels: tuple[Panel, ...]) -> NDArray[np.float64]:
    """Per panel: centre (3), u axis / half width (3), v axis / half height (3), colour x intensity (3),
    softness, falloff."""
    rows = []
    for p in panels:
        centre = direction(p.azimuth_deg, p.elevation_deg)
        right = np.cross([0.0, 1.0, 0.0], centre)
        right /= np.linalg.norm(right)
        above = np.cross(centre, right)
        roll = np.deg2rad(p.roll_deg)
        axis_u = np.cos(roll) * right + np.sin(roll) * above
        axis_v = np.cross(centre, axis_u)
        rows.append(
            np.concatenate(
                [
                    centre,
                    axis_u / np.tan(np.deg2rad(p.half_width_deg)),
                    axis_v / np.tan(np.deg2rad(p.half_height_deg)),
                    p.intensity * np.asarray(p.color_rgb),
                    [p.softness, p.falloff],
                ]
            )
        )
    return np.array(rows).reshape(-1, 14)


def _lamp_rows() -> NDArray[np.float64]:
    """Per lamp: direction (3), cosine of its radius, colour (3); a golden spiral over the upper half."""
    golden = np.pi * (3.0 - np.sqrt(5.0))
    rows = []
    for i in range(_SPARKLES):
        height = 0.12 + 0.86 * (i + 0.5) / _SPARKLES
        flat = np.sqrt(1.0 - height * height)
        radius = np.deg2rad(1.6 + 1.5 * ((i * 7) % 5) / 4.0)
        tint = (WARM, (1.0, 1.0, 1.0), COOL)[i % 3]
        angle = i * golden
        rows.append(
            [flat * np.sin(angle), height, flat * np.cos(angle), np.cos(radius), *(_SPARKLE_LEVEL * c for c in tint)]
        )
    return np.array(rows)


def veiled(panels: tuple[Panel, ...]) -> tuple[Panel, ...]:
    """The same panels with edges as soft as a satin surface shows them."""
    return tuple(replace(p, softness=max(p.softness, 1.1)) for p in panels)


def paint(panels: tuple[Panel, ...] = RING_STUDIO, size: int = MAP_SIZE, lamps: bool = False) -> Floats:
    """Radiance (size, size, 3) of the studio, linear; 1.0 = white paper under the key light.

    Row runs along the studio's z, column along x, the centre is straight up. With ``lamps`` the small
    bright lights that give stones their fire are added.
    """
    from ringcad.render import loops_image

    image = np.empty((size, size, 3), np.float32)
    loops_image.paint(_panel_rows(panels), _lamp_rows() if lamps else np.empty((0, 7)), image)
    return image


@dataclass(frozen=True)
class Environment:
    """A radiance map with a frame. ``basis`` rows are the studio's x, y, z in ring coordinates (float64)."""

    texels: Floats
    basis: NDArray[np.float64]
