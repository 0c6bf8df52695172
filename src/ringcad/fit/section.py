"""Cross-section of a shank: a crowned outside, straight sides, an eased inside.

A section lies in the radial plane of the finger axis: ``y`` across, ``h`` the height over the bore
at mid-width. It is symmetric in ``y`` and tangent-continuous all round; edge roundings are part of
it (no fillets are added later). All functions are vectorised over stations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Radius of a knife edge's crest in mm (`0.3` measured on sold knife-edge rings, proportions 1.3).
KNIFE_CREST_RADIUS_MM = 0.3
_TABLE = 257


@dataclass(frozen=True)
class Crown:
    """A symmetric curve ``height - fall(y)`` with an edge arc that ends in the vertical side.

    Arrays of shape (stations,): ``width`` full width, ``rise`` fall at the edge of the width,
    ``radius`` of the edge arc; ``knife`` selects the hyperbolic crest instead of the parabola.
    """

    width: Array
    rise: Array
    radius: Array
    knife: bool = False

    def fall(self, y: Array) -> tuple[Array, Array]:
        """Fall below the crown at ``y`` (stations, ...) and its slope d fall / dy."""
        shape = (-1,) + (1,) * (y.ndim - 1)
        half, rise = (0.5 * self.width).reshape(shape), self.rise.reshape(shape)
        if not self.knife:
            ratio = y / half
            return rise * ratio**2, 2.0 * rise * ratio / half
        # hyperbola: flanks straight, curvature rise / (scale * crest) = 1 / KNIFE_CREST_RADIUS at y = 0
        crest = _knife_crest(half, rise)
        root = np.sqrt(y**2 + crest**2)
        scale = np.sqrt(half**2 + crest**2) - crest
        return rise * (root - crest) / scale, rise * y / root / scale


def _knife_crest(half: Array, rise: Array) -> Array:
    """Crest parameter so that the radius of curvature at y = 0 is the knife crest radius."""
    crest = np.full_like(half, 0.2)
    for _ in range(40):
        scale = np.sqrt(half**2 + crest**2) - crest
        crest = np.clip(rise * KNIFE_CREST_RADIUS_MM / scale, 1e-3, half)
    return crest


@dataclass(frozen=True)
class CrownOutline:
    """Half of a crown (y >= 0) from the crest to the start of the side, by arc length."""

    crown: Crown
    tangent_y: Array
    """Where the edge arc starts, (stations,)."""
    tangent_angle: Array
    """Slope angle of the normal there, radians from the crest's normal."""
    crown_length: Array
    length: Array
    """Arc length of the half outline, mm."""
    side_fall: Array
    """Fall of the point where the edge arc becomes the vertical side."""
    _parameters: Array
    _lengths: Array

    def points(self, fraction: Array) -> tuple[Array, Array, Array]:
        """Points at signed fractions of the half length, -1 (left side) ... 1 (right side).

        ``fraction`` has shape (k,); returns y, fall and the normal's angle from the crest's normal
        (radians, positive to the right), each (stations, k).
        """
        sign = np.sign(fraction)[None, :]
        arc = np.abs(fraction)[None, :] * self.length[:, None]
        y_crown = np.empty_like(arc)
        for i in range(arc.shape[0]):
            y_crown[i] = np.interp(arc[i], self._lengths[i], self._parameters[i])
        fall, slope = self.crown.fall(y_crown)
        angle = np.arctan(slope)
        radius = self.crown.radius[:, None]
        beyond = arc > self.crown_length[:, None]
        arc_angle = self.tangent_angle[:, None] + (arc - self.crown_length[:, None]) / radius
        centre_y = 0.5 * self.crown.width[:, None] - radius
        centre_fall = self.side_fall[:, None]
        y = np.where(beyond, centre_y + radius * np.sin(arc_angle), y_crown)
        fall = np.where(beyond, centre_fall - radius * np.cos(arc_angle), fall)
        angle = np.where(beyond, arc_angle, angle)
        return sign * y, fall, sign * angle


def outline(crown: Crown) -> CrownOutline:
    """Solve the tangency of crown and edge arc and tabulate arc length."""
    half = 0.5 * crown.width
    low, high = np.zeros_like(half), half.copy()
    for _ in range(60):
        middle = 0.5 * (low + high)
        angle = np.arctan(crown.fall(middle)[1])
        over = middle - crown.radius * np.sin(angle) > half - crown.radius
        high = np.where(over, middle, high)
        low = np.where(over, low, middle)
    tangent_y = 0.5 * (low + high)
    fall, slope = crown.fall(tangent_y)
    angle = np.arctan(slope)
    side_fall = fall + crown.radius * np.cos(angle)
    parameters = tangent_y[:, None] * np.linspace(0.0, 1.0, _TABLE)[None, :]
    falls = crown.fall(parameters)[0]
    steps = np.hypot(np.diff(parameters, axis=1), np.diff(falls, axis=1))
    lengths = np.concatenate([np.zeros((len(half), 1)), np.cumsum(steps, axis=1)], axis=1)
    crown_length = lengths[:, -1]
    total = crown_length + crown.radius * (0.5 * np.pi - angle)
    return CrownOutline(crown, tangent_y, angle, crown_length, total, side_fall, parameters, lengths)


#: An ellipse's outer and inner wall reach to this tilt of their normals, degrees; the rest of it is the side.
ELLIPSE_WALL_TILT_DEG = 75.0
_ELLIPSE_TABLE = 2049


@dataclass(frozen=True)
class EllipseOutline:
    """The outer (or inner) half of an elliptic section from mid-width to where its side begins, by arc length.

    Arrays of shape (stations,). The point at the parameter ``t`` is ``y = half sin t``, ``fall = rise (1 - cos t)``.
    """

    half: Array
    """Half of the width, mm."""
    rise: Array
    """Half of the height, mm."""
    crown_length: Array
    """Arc length to where the edge begins."""
    length: Array
    side_parameter: Array
    """Where the side begins."""
    _parameters: Array
    _lengths: Array

    def points(self, fraction: Array) -> tuple[Array, Array, Array]:
        """As :meth:`CrownOutline.points`."""
        arc = np.abs(fraction)[None, :] * self.length[:, None]
        at = np.stack([np.interp(a, s, t) for a, s, t in zip(arc, self._lengths, self._parameters, strict=True)])
        half, rise = self.half[:, None], self.rise[:, None]
        sign = np.sign(fraction)[None, :]
        angle = np.arctan2(rise * np.sin(at), half * np.cos(at))
        return sign * half * np.sin(at), rise * (1.0 - np.cos(at)), sign * angle

    def side(self, share: Array) -> tuple[Array, Array]:
        """y and fall (stations, k) round the right tip: ``share`` 0 at this outline's end, 1 at its mirror image's."""
        at = self.side_parameter[:, None] * (1.0 - share) + (np.pi - self.side_parameter[:, None]) * share
        return self.half[:, None] * np.sin(at), self.rise[:, None] * (1.0 - np.cos(at))


def ellipse_outline(width: Array, height: Array, edge: Array) -> EllipseOutline:
    """Half of an ellipse ``width`` by ``height``, whose outermost ``edge`` on each side counts as its edge (mm)."""
    half, rise = 0.5 * width, 0.5 * height
    last = np.arctan2(half * np.tan(np.radians(ELLIPSE_WALL_TILT_DEG)), rise)
    table = last[:, None] * np.linspace(0.0, 1.0, _ELLIPSE_TABLE)[None, :]
    steps = np.hypot(
        half[:, None] * np.diff(np.sin(table), axis=1),
        rise[:, None] * np.diff(np.cos(table), axis=1),
    )
    lengths = np.concatenate([np.zeros((len(half), 1)), np.cumsum(steps, axis=1)], axis=1)
    begin = np.minimum(np.arcsin(np.clip(1.0 - edge / half, 0.0, 1.0)), last)
    crown = np.array([np.interp(b, t, s) for b, t, s in zip(begin, table, lengths, strict=True)])
    return EllipseOutline(half, rise, crown, lengths[:, -1], last, table, lengths)
