"""A plain ring, a simple stone and the alloys' colours for the tests of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ringcad.render import RenderScene, StoneInstance
from ringcad.resolved import RoundStone

ALLOYS = {
    "yellow": (0.97, 0.78, 0.445),
    "white": (0.80, 0.765, 0.69),
    "rose": (0.96, 0.705, 0.53),
    "silver": (0.972, 0.96, 0.915),
    "platinum": (0.673, 0.637, 0.585),
}
CUBE = (np.concatenate([np.eye(3), -np.eye(3)]), np.ones(6))


def torus(n: int = 96, m: int = 32) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """A plain ring: major radius 9.8, tube 1.2 x 2 mm."""
    u, v = np.meshgrid(np.arange(n) / n * 2 * np.pi, np.arange(m) / m * 2 * np.pi, indexing="ij")
    radius = 9.8 + 1.2 * np.cos(v)
    points = np.stack([radius * np.sin(u), 2.0 * np.sin(v), radius * np.cos(u)], axis=-1).reshape(-1, 3)
    a = np.arange(n * m).reshape(n, m)
    b, d = np.roll(a, -1, 0), np.roll(a, -1, 1)
    c = np.roll(b, -1, 1)
    triangles = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)])
    p = points[triangles]
    volume = np.einsum("ij,ij->i", p[:, 0], np.cross(p[:, 1], p[:, 2])).sum()
    return points, (triangles if volume > 0 else triangles[:, ::-1]).astype(np.int32)


def octahedral_stone(size: float = 2.6, color: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> StoneInstance:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3.0)
    table = np.array([[0.0, 0.0, 1.0]])
    return StoneInstance(
        np.concatenate([signs, table]),
        np.concatenate([np.full(8, size / np.sqrt(3.0)), [0.5 * size]]),
        2.417,
        color,
        (0.0, 0.0, 13.0),
        (0.0, 0.0, 1.0),
    )


def set_torus(n: int = 96, m: int = 32) -> RenderScene:
    """The ring in yellow gold with the stone on it."""
    vertices, triangles = torus(n, m)
    return RenderScene(vertices, triangles, ALLOYS["yellow"], stones=(octahedral_stone(),))


def diamond(radius_mm: float = 3.25) -> RoundStone:
    """A brilliant of usual proportions."""
    return RoundStone(
        cut="round",
        gem="diamond",
        gem_name="Diamond",
        diameter_mm=2 * radius_mm,
        table_diameter_mm=1.14 * radius_mm,
        crown_angle_deg=34.5,
        crown_height_mm=0.43 * radius_mm * np.tan(np.deg2rad(34.5)),
        pavilion_angle_deg=40.75,
        pavilion_depth_mm=radius_mm * np.tan(np.deg2rad(40.75)),
        girdle_mm=0.2,
        culet_diameter_mm=0.0,
        weight_ct=1.0,
        density_g_cm3=3.52,
        refractive_index=2.417,
        color_rgb=(1.0, 1.0, 1.0),
    )
