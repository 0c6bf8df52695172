"""The light: a procedural softbox studio as an octahedral radiance map.

Polished metal shows nothing but its surroundings, so the surroundings are designed the way a
jewelry photographer builds them: a few large bright panels with soft gradients, black gaps between
them (the gaps draw the form), a warm side and a cool side, and a pale table that falls off to dark.
The studio's frame is x = the viewer's right, y = up, z = towards the camera.
Octahedral mapping after Cigolle et al. (2014), https://jcgt.org/published/0003/02/01/.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAP_SIZE = 768
"""Texels along one side: about four per degree, finer than any softbox edge below."""


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


WARM = (1.0, 0.94, 0.85)
COOL = (0.86, 0.94, 1.0)

RING_STUDIO: tuple[Panel, ...] = (
    Panel(178.0, 66.0, 50.0, 20.0, 1.55, (1.0, 0.985, 0.96), falloff=0.45),
    Panel(-72.0, 30.0, 17.0, 42.0, 1.35, COOL, roll_deg=-6.0),
    Panel(66.0, 26.0, 24.0, 34.0, 1.75, WARM, roll_deg=8.0, falloff=0.5),
    Panel(-8.0, 52.0, 26.0, 9.0, 0.95, (1.0, 1.0, 1.0), falloff=0.2),
    Panel(150.0, 14.0, 16.0, 12.0, 1.1, COOL, falloff=0.3),
    Panel(-140.0, 12.0, 20.0, 8.0, 0.9, WARM, falloff=0.3),
    Panel(8.0, 4.0, 34.0, 5.0, 0.55, (1.0, 0.97, 0.93), falloff=0.0, softness=0.5),
)

_SPARKLES = 26
"""Small bright lamps that only stones see; metal would show them as specks."""


def direction(azimuth_deg: float, elevation_deg: float) -> NDArray[np.float64]:
    """Unit vector in the studio's frame."""
    a, e = np.deg2rad(azimuth_deg), np.deg2rad(elevation_deg)
    return np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])


def _smooth(x: Floats) -> Floats:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x), np.float32)


def octahedral_directions(size: int) -> Floats:
    """Unit directions (size, size, 3) of the texel centres; row runs along z, column along x, y is up."""
    c = ((np.arange(size, dtype=np.float32) + 0.5) / size) * 2.0 - 1.0
    x, z = np.meshgrid(c, c, indexing="xy")
    y = 1.0 - np.abs(x) - np.abs(z)
    fold = y < 0
    fx = np.where(fold, (1.0 - np.abs(z)) * np.sign(x), x)
    fz = np.where(fold, (1.0 - np.abs(x)) * np.sign(z), z)
    d = np.stack([fx, y, fz], axis=-1)
    return np.asarray(d / np.linalg.norm(d, axis=-1, keepdims=True), np.float32)


def paint(panels: tuple[Panel, ...], size: int = MAP_SIZE) -> Floats:
    """Radiance (size, size, 3) of the studio with the given panels; linear, 1.0 = white paper under the key."""
    d = octahedral_directions(size)
    up = d[..., 1]
    sky = 0.035 + 0.20 * np.exp(-np.maximum(up, 0.0) / 0.10)
    # The table: pale near the ring, darker towards its far edge at the horizon.
    table = 0.10 + 0.36 * _smooth(-up * 1.6)
    base = np.where(up >= 0, sky, table)
    image = base[..., None] * np.where(up[..., None] >= 0, np.float32([0.93, 0.97, 1.05]), np.float32([1.02, 1.0, 0.97]))
    for p in panels:
        centre = direction(p.azimuth_deg, p.elevation_deg)
        right = np.cross([0.0, 1.0, 0.0], centre)
        right /= np.linalg.norm(right)
        above = np.cross(centre, right)
        roll = np.deg2rad(p.roll_deg)
        axis_u = np.cos(roll) * right + np.sin(roll) * above
        axis_v = np.cross(centre, axis_u)
        t = d @ centre.astype(np.float32)
        front = t > 0.05
        inverse = 1.0 / np.where(front, t, 1.0)
        u = (d @ axis_u.astype(np.float32)) * inverse / np.float32(np.tan(np.deg2rad(p.half_width_deg)))
        v = (d @ axis_v.astype(np.float32)) * inverse / np.float32(np.tan(np.deg2rad(p.half_height_deg)))
        soft = np.float32(p.softness)
        mask = _smooth((1.0 - np.abs(u)) / soft + 0.5) * _smooth((1.0 - np.abs(v)) / soft + 0.5) * front
        level = p.intensity * (1.0 - p.falloff * (0.5 - 0.5 * np.clip(v, -1, 1)))
        colour = np.asarray(p.color_rgb, np.float32)
        image += mask[..., None] * (level[..., None] * colour - image * mask[..., None])
    return np.asarray(image, np.float32)


def sparkle(image: Floats) -> Floats:
    """A copy with small lamps over the upper half, for stones: contrast is what makes fire visible."""
    size = image.shape[0]
    d = octahedral_directions(size)
    out = image.copy()
    golden = np.pi * (3.0 - np.sqrt(5.0))
    for i in range(_SPARKLES):
        height = 0.12 + 0.86 * (i + 0.5) / _SPARKLES
        angle = i * golden
        flat = np.sqrt(1.0 - height * height)
        lamp = np.array([flat * np.sin(angle), height, flat * np.cos(angle)], np.float32)
        radius = np.deg2rad(1.6 + 1.5 * ((i * 7) % 5) / 4.0)
        mask = _smooth((np.float32(1.0) - np.float32(np.cos(radius)) - (1.0 - d @ lamp)) / np.float32(0.0006) + 0.5)
        tint = (WARM, (1.0, 1.0, 1.0), COOL)[i % 3]
        out += mask[..., None] * np.asarray(tint, np.float32) * np.float32(9.0)
    return out


class Environment:
    """A radiance map with a frame. ``basis`` rows are the studio's x, y, z in world coordinates."""

    def __init__(self, image: Floats, basis: NDArray[np.float64]) -> None:
        self.size = image.shape[0]
        self.texels = np.ascontiguousarray(image.reshape(-1, 3), np.float32)
        self.to_studio = np.ascontiguousarray(np.asarray(basis).T, np.float32)

    def lookup(self, world: Floats) -> Floats:
        """Radiance (N, 3) seen along unit directions (N, 3)."""
        d = world @ self.to_studio
        scale = np.float32(0.5 * self.size) / np.abs(d).sum(axis=1)
        x, y, z = d[:, 0] * scale, d[:, 1], d[:, 2] * scale
        half = np.float32(0.5 * self.size)
        fold = np.flatnonzero(y < 0)
        if len(fold):
            fx, fz = x[fold], z[fold]
            x[fold] = np.copysign(half - np.abs(fz), fx)
            z[fold] = np.copysign(half - np.abs(fx), fz)
        limit = np.float32(self.size - 1.001)
        x = np.clip(x + (half - 0.5), 0.0, limit)
        z = np.clip(z + (half - 0.5), 0.0, limit)
        ix, iz = x.astype(np.int32), z.astype(np.int32)
        fx, fz = (x - ix)[:, None], (z - iz)[:, None]
        at = iz * self.size + ix
        top = self.texels[at]
        top += fx * (self.texels[at + 1] - top)
        at += self.size
        bottom = self.texels[at]
        bottom += fx * (self.texels[at + 1] - bottom)
        top += fz * (bottom - top)
        return top
