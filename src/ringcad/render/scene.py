"""What a picture is made of: the metal's triangles, the stones as convex bodies, hints for the cameras.

Plain values without any heavy import, so that every stage may build a :class:`RenderScene`.
Convention: millimetres, finger axis = y, head towards +z, origin in the centre of the finger hole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Finish = Literal["as_cast", "polished"]


@dataclass(frozen=True)
class StoneInstance:
    """One stone as the intersection of half spaces, placed on the ring.

    Attributes
    ----------
    normals : (K, 3) float64
        Outward unit normals in the stone's own frame (axis +z, table up, origin on the axis at the
        girdle's lower edge).
    offsets : (K,) float64, mm
        The body is ``{x : normals @ x <= offsets}``.
    refractive_index
        At the sodium line (589 nm).
    color_rgb
        Share of light left after a path of the stone's own depth (table to culet), as in the table of
        gems; ``(1, 1, 1)`` is colourless.
    origin, axis
        Where the stone's origin lies in ring coordinates (mm) and where its table looks.
    azimuth_deg
        Turn of the stone about its own axis.
    dispersion
        Index at 430.8 nm less index at 686.7 nm (the gem trade's B to G interval): diamond 0.044.
        ``None`` = that of the usual gem with this refractive index.
    polygons
        Facets as (n, 3) vertex loops in the stone's frame, counter-clockwise seen from outside;
        ``None`` = derived from the planes.
    dome_mm
        Of a cabochon: half width of its rim, height of its dome over it, height of the rim, and half its length
        where that is another; its colour is that of its body. ``None`` for faceted stones.
    door
        Of a stone that is drawn as several convex bodies: which of its planes is no facet, so that light passes on
        into the body that touches there. That plane has an empty loop in ``polygons``.
    beyond
        Where that body stands among the scene's stones, counted from this one. It has the same plane as its door.
    """

    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    refractive_index: float
    color_rgb: tuple[float, float, float]
    origin: tuple[float, float, float]
    axis: tuple[float, float, float]
    azimuth_deg: float = 0.0
    dispersion: float | None = None
    polygons: tuple[NDArray[np.float64], ...] | None = None
    dome_mm: tuple[float, float, float] | tuple[float, float, float, float] | None = None
    door: int | None = None
    beyond: int = 0


@dataclass(frozen=True)
class ViewHints:
    """What the cameras should know about the ring.

    ``shoulder_phi_deg`` is the middle of a decorated shoulder (0 = head, +90 = +x),
    ``shoulder_span_deg`` how much arc is decorated, ``band_width_mm`` the width there.
    """

    shoulder_phi_deg: float = 70.0
    shoulder_span_deg: float = 100.0
    bore_radius_mm: float = 8.66
    band_width_mm: float = 4.6


@dataclass(frozen=True)
class RenderScene:
    """Everything that :func:`ringcad.render.render_views` needs.

    Attributes
    ----------
    vertices : (N, 3) float64, mm
    triangles : (M, 3) int32
        Wound counter-clockwise seen from outside.
    corner_normals : (M, 3, 3) float32 or None
        Unit normal per triangle corner, from the B-rep, split at creases. ``None`` = computed from
        the mesh with a crease angle of 35 degrees.
    metal_rgb
        Linear reflectance of the metal at normal incidence.
    finish
        ``polished`` is a mirror; ``as_cast`` a fine satin.
    """

    vertices: NDArray[np.float64]
    triangles: NDArray[np.int32]
    metal_rgb: tuple[float, float, float]
    corner_normals: NDArray[np.float32] | None = None
    finish: Finish = "polished"
    stones: tuple[StoneInstance, ...] = ()
    hints: ViewHints = ViewHints()


@dataclass(frozen=True)
class Picture:
    """A picture on disk and what the exposure guard needs to know about it.

    The three ``metal_*`` values are percentiles (5, 50, 95) of the display luminance of the pixels
    that show metal: Rec. 709 luma of the sRGB-coded values, 0..1. ``nan`` where no metal is seen.
    """

    name: str
    path: Path
    width_px: int
    height_px: int
    pixels_per_mm: float
    metal_share: float
    metal_p05: float
    metal_median: float
    metal_p95: float
