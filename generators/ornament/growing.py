"""What grows on stems: leaves, fruit and flowers fitted to the room and to each other, and pearls in the gaps left.

A family lays its stems and says where something may grow. Everything of one group is drawn in one size where the band
is straight, the largest that keeps its gap from the room's edge, from what stands already and from its neighbours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.spatial import cKDTree

from ringcad.generators.ornament.elements import Bead, Drawable, Placement, Stroke
from ringcad.generators.ornament.layout import Room, largest, outline_of
from ringcad.generators.ornament.leaves import Maker
from ringcad.generators.ornament.plates import Group, Laid
from ringcad.generators.ornament.raster import Array, resample

APART = 1.25
"""Distance kept between leaves, in gaps: notches between lobes and stems behind them need a little more than one."""
LEAST_SHOOT = 3.3
"""Strokes below which a shoot would be a club."""
STUNTED = 0.6
"""What fits only in less than this share of its group's size is left out."""
MOST_FITTED = 12
"""Of so many seats of a group, from the middle outwards, the size is fitted one by one."""
OUTLINE_POINTS = 44


@dataclass(frozen=True)
class Seat:
    """A place where something grows: foot, direction, what, and the least and largest length in mm."""

    u: float
    v: float
    angle_deg: float
    make: Maker
    group: str
    most: float = float("inf")
    least: float = 0.0
    mirrored: bool = False
    stalk: float = 0.0
    """Length of a bare stalk between foot and leaf, mm."""
    scale: float = 1.0
    """Its size over that of its group."""
    over: bool = True
    """Whether it lies over the stems; otherwise it keeps clear of all but its foot."""


@dataclass
class Growth:
    """What has been placed: outlines to keep clear of, and the elements."""

    room: Room
    placed: list[Array] = field(default_factory=list)
    elements: list[Drawable] = field(default_factory=list)
    stems: list[Drawable] = field(default_factory=list)
    units: dict[Maker, Array] = field(default_factory=dict)
    filled: list[Array] = field(default_factory=list)
    """Points inside what has been placed."""

    def unit(self, make: Maker, probe: float) -> Array:
        """Outline points of what a maker makes, for a length of one."""
        if make not in self.units:
            points = border_points(make(probe, self.room))
            self.units[make] = points[:: max(1, len(points) // OUTLINE_POINTS)] / probe
        return self.units[make]

    def spread(self, seat: Seat) -> tuple[Array, Array]:
        """Foot of a leaf, and its outline about the foot for a length of one as it stands."""
        unit = self.unit(seat.make, min(seat.most, 1.3 * self.room.half))
        return self.foot(seat), Placement(0.0, 0.0, seat.angle_deg, seat.mirrored).points(unit)

    def foot(self, seat: Seat) -> Array:
        """Where leaf and stalk meet."""
        a = np.deg2rad(seat.angle_deg)
        return np.array([seat.u + seat.stalk * np.cos(a), seat.v + seat.stalk * np.sin(a)])

    def fitted(self, seat: Seat, alike: Sequence[Seat] = (), steps: int = 7) -> float:
        """Largest size of a group at a seat, its like in ``alike`` growing with it; 0 where the least is too large."""
        room = self.room
        foot, unit = self.spread(seat)
        unit = seat.scale * unit
        gap = APART * room.gap
        reach = float(np.hypot(unit[:, 0], unit[:, 1]).max())
        most = min(seat.most, 2.6 * room.half / max(reach, 0.2))
        near = self._near(foot, reach * most + gap)
        others = []
        for other in alike:
            if other is seat:
                continue
            at, line = self.spread(other)
            at = foot + self._wrapped(at - foot)
            turned = abs((other.angle_deg - seat.angle_deg + 180.0) % 360.0 - 180.0)
            if np.hypot(other.u - seat.u, other.v - seat.v) < room.stroke and turned > 40.0:
                # Leaves of one pair part from where they leave the stem.
                continue
            if np.hypot(*(at - foot)) < 2.2 * reach * most + gap:
                others.append((at, other.scale * line))
        if not seat.over and self.stems:
            d = self._wrapped(self._stem_points() - foot)
            away = np.hypot(d[:, 0], d[:, 1])
            near = np.vstack([near, (foot + d)[(away > 1.1 * room.stroke + gap) & (away < reach * most + gap)]])

        bare = 1.3 * room.stroke

        def fits(size: float) -> bool:
            body = foot + size * unit
            if _edge(room, body) < 0.0:
                return False
            # Where leaves leave the stem they touch it and each other.
            away = np.hypot(unit[:, 0], unit[:, 1]) * size > bare
            body = body[away]
            if len(near) and len(body) and _away(body, near) < gap:
                return False
            for at, line in others:
                if not len(body):
                    break
                tips = line[np.hypot(line[:, 0], line[:, 1]) * size > bare]
                if len(tips) and _away(body, at + size * tips) < gap:
                    return False
            return True

        return _grown_until(fits, max(seat.least, 1.2 * room.stroke), most, steps)

    def in_room(self, seat: Seat) -> float:
        """Largest size at a seat that stays in the room, whatever else stands there."""
        foot, unit = self.spread(seat)
        found = largest(lambda x: _edge(self.room, foot + x * seat.scale * unit) >= 0.0, 0.0, 3.0 * self.room.half, 7)
        return min(found or 0.0, seat.most)

    def _near(self, foot: Array, reach: float) -> Array:
        kept = [np.zeros((0, 2))]
        for line in self.placed:
            d = self._wrapped(line - foot)
            close = np.hypot(d[:, 0], d[:, 1]) < reach
            if close.any():
                kept.append(foot + d[close])
        return np.vstack(kept)

    def _wrapped(self, d: Array) -> Array:
        """Differences of places, the short way round a closed band."""
        if not self.room.periodic:
            return d
        long = self.room.length
        out = np.array(d)
        out[..., 0] = (out[..., 0] + 0.5 * long) % long - 0.5 * long
        return out

    def _stem_points(self) -> Array:
        return np.vstack([border_points([stem]) for stem in self.stems])

    def put(self, seat: Seat, size: float, turn_deg: float = 0.0) -> None:
        """Draw what grows at a seat, and keep clear of it from now on."""
        room = self.room
        own = size * seat.scale
        turned = replace(seat, angle_deg=seat.angle_deg + turn_deg)
        foot, unit = self.spread(turned)
        if seat.stalk > 0.0:
            r = 0.5 * room.stroke
            end = foot + 0.14 * own * np.array(
                [np.cos(np.deg2rad(turned.angle_deg)), np.sin(np.deg2rad(turned.angle_deg))]
            )
            self.elements.append(Stroke(np.array([[seat.u, seat.v], end]), r))
        place = Placement(float(foot[0]), float(foot[1]), turned.angle_deg, seat.mirrored)
        body = [element.moved(place) for element in seat.make(own, room)]
        if len(body) > 1:
            body = [Group(tuple(body))]
        self.elements += [Laid(element, 1.5 * room.gap, 0.44) for element in body] if seat.over else body
        self.placed.append(foot + own * unit)
        middle = unit.mean(axis=0)
        self.filled += [foot + own * (middle + part * (unit[::2] - middle)) for part in (0.75, 0.5, 0.25)]

    def grow(
        self, seats: Sequence[Seat], variation: Sequence[float] = (), share: float = 1.0, crowd: float = 0.0
    ) -> float:
        """Fit and draw some seats, those with one maker in one size; the largest size in mm, 0 where none fits.

        They are drawn ``share`` as large as they could be; crowded ones are larger than their gaps allow by as much,
        as far as the room goes, and lie over each other.
        """
        room = self.room
        middle = 0.5 * (room.u0 + room.u1)
        usual: dict[tuple[Maker, str], float] = {}
        own: dict[int, float] = {}
        for key in dict.fromkeys((seat.make, seat.group) for seat in seats):
            like = [k for k, s in enumerate(seats) if (s.make, s.group) == key]
            like.sort(key=lambda k: abs(seats[k].u - middle))
            inner = [k for k in like if self.is_inner(seats[k])][: 2 if room.periodic else MOST_FITTED]
            for k in inner or like:
                own[k] = self.fitted(seats[k], seats)
                if crowd and own[k] > 0.0:
                    own[k] = min((1.0 + crowd) * own[k], self.in_room(seats[k]))
            sizes = sorted(own[k] for k in (inner or like))
            usual[key] = sizes[0] if room.periodic else sizes[len(sizes) // 2] if inner else sizes[-1]
        rest: list[Seat] = []
        for k, seat in enumerate(seats):
            size = usual[seat.make, seat.group]
            vary = variation[k % len(variation)] if variation else 0.0
            if size > 0.0 and self.is_inner(seat):
                size = min(size, own.get(k, size))
                if size >= STUNTED * usual[seat.make, seat.group]:
                    self.put(seat, 0.97 * share * size * (1.0 - 0.035 * (1.0 + vary)), 3.0 * vary)
            elif size > 0.0:
                rest.append(seat)
        for seat in rest:
            size = min(self.fitted(seat), 1.06 * usual[seat.make, seat.group])
            if size >= STUNTED * usual[seat.make, seat.group]:
                self.put(seat, 0.97 * share * size)
        return max(usual.values(), default=0.0)

    def is_inner(self, seat: Seat) -> bool:
        """Whether a seat stands where the band is straight on both sides."""
        room = self.room
        margin = 0.5 * room.half
        return room.periodic or room.straight0 + margin < seat.u < room.straight1 - margin

    def pockets(self, least: float) -> tuple[Array, Array]:
        """Points of a coarse grid at least so far inside the room, and how far each is from anything drawn."""
        room = self.room
        lines = [*self.placed, *self.filled, *(border_points([stem]) for stem in self.stems)]
        u, v = np.meshgrid(np.arange(room.u0, room.u1, POCKET_STEP), np.arange(-room.half, room.half, POCKET_STEP))
        grid = np.column_stack([u.ravel(), v.ravel()])
        edge = room.clearance(grid)
        if not room.periodic:
            edge = np.minimum(edge, np.minimum(grid[:, 0] - room.u0, room.u1 - grid[:, 0]))
        grid, edge = grid[edge >= least], edge[edge >= least]
        if not len(grid) or not lines:
            return grid, edge
        points = np.vstack(lines)
        if room.periodic:
            lap = np.array([room.length, 0.0])
            points = np.vstack([points - lap, points, points + lap])
        return grid, np.minimum(cKDTree(points).query(grid)[0] - 1.06 * room.gap, edge)

    def shoots(self, make: Maker, most: float, count: int) -> None:
        """Small leaves, each from the nearest stem into one of the largest gaps that are left."""
        room = self.room
        if not self.stems:
            return
        least = 0.95 * room.stroke
        grid, free = self.pockets(least)
        roots = np.vstack([_middle_line(stem) for stem in self.stems])
        for _ in range(2 * count):
            if not len(free):
                return
            k = int(np.argmax(np.round(free, 3)))
            if free[k] < least or count <= 0:
                return
            at = grid[k]
            d = self._wrapped(at - roots)
            # From behind, so that shoots lean the way the stem grows.
            far = np.hypot(d[:, 0], d[:, 1]) + 0.35 * np.abs(d[:, 0] - np.abs(d[:, 1]) * 0.6)
            root, way = roots[int(np.argmin(far))], d[int(np.argmin(far))]
            long = float(np.hypot(*way))
            angle = float(np.degrees(np.arctan2(way[1], way[0])))
            size = 0.0
            if long < 3.0 * free[k] + 2.0 * room.stroke:
                stalk = max(long - 0.9 * float(free[k]), 1.2 * room.stroke)
                seat = Seat(
                    float(root[0]), float(root[1]), angle, make, "shoot", most, stalk=stalk, mirrored=angle > 0.0
                )
                size = self.fitted(seat)
                if size > LEAST_SHOOT * room.stroke:
                    self.put(seat, 0.96 * size)
                    count -= 1
            apart = np.hypot(*self._wrapped(grid - at).T)
            free = np.minimum(free, apart - (0.8 * size if size else 0.0) - room.gap)

    def pearls(self, most: float, count: int = 40) -> None:
        """Balls in the largest gaps that are left, each as large as its gap allows."""
        room = self.room
        low = 0.62 * room.stroke
        grid, free = self.pockets(low)
        for _ in range(count if len(free) else 0):
            k = int(np.argmax(np.round(free, 3)))
            if free[k] < low:
                break
            r = min(float(free[k]), most)
            at = grid[k]
            self.elements.append(Bead(float(at[0]), float(at[1]), r))
            d = self._wrapped(grid - at)
            # Pearls stand singly: rows of them would draw the eye.
            free = np.minimum(free, np.hypot(d[:, 0], d[:, 1]) - r - max(2.0 * room.gap, 2.2 * room.stroke))
            ring = np.deg2rad(np.arange(0.0, 360.0, 45.0))
            self.placed.append(at + r * np.column_stack([np.cos(ring), np.sin(ring)]))


POCKET_STEP = 0.13
"""Pitch of the points at which gaps are looked for, mm."""


def _middle_line(stem: Drawable) -> Array:
    """Points on the middle of a stem, about 0.1 mm apart."""
    points, _ = stem.discs()
    return points[:: max(1, len(points) // 200)]


def _grown_until(fits: Callable[[float], bool], low: float, most: float, steps: int) -> float:
    """Largest size that fits, reached by growing: outlines that have grown through each other look apart again."""
    if low > most or not fits(low):
        return 0.0
    high = most
    while low < most:
        high = min(GROWTH_STEP * low, most)
        if not fits(high):
            break
        low = high
    else:
        return most
    for _ in range(max(steps - 3, 1)):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


GROWTH_STEP = 1.25
"""Factor by which a size grows while it fits."""


def border_points(elements: Sequence[Drawable]) -> Array:
    """Points on the outline of elements: on plates as they are, eight round every disc of the others."""
    points, radius = outline_of(elements).discs()
    if float(radius.max(initial=0.0)) <= 0.0:
        return points
    ring = np.deg2rad(np.arange(0.0, 360.0, 45.0))
    around = np.column_stack([np.cos(ring), np.sin(ring)])
    if len(points) > 24:
        keep = slice(None, None, 3)
        points, radius = points[keep], radius[keep]
    flat = radius <= 0.0
    return np.vstack([points[flat], (points[~flat, None, :] + radius[~flat, None, None] * around).reshape(-1, 2)])


def _edge(room: Room, body: Array) -> float:
    """Least distance of points to the room's edge, the short way where its sides are straight."""
    across = room.half - float(np.abs(body[:, 1]).max())
    if across < 0.0 or room.periodic:
        return across
    across = min(across, float(body[:, 0].min()) - room.u0, room.u1 - float(body[:, 0].max()))
    if across < 0.0:
        return across
    if room.straight0 <= float(body[:, 0].min()) and float(body[:, 0].max()) <= room.straight1:
        return across
    return float(room.clearance(body).min())


def _away(a: Array, b: Array) -> float:
    """Smallest distance between two sets of points."""
    du = a[:, None, 0] - b[None, :, 0]
    dv = a[:, None, 1] - b[None, :, 1]
    return float(np.sqrt((du * du + dv * dv).min()))


def fitted_stem(room: Room, line: Callable[[float], Array], r: float, most: float) -> float:
    """Largest amplitude up to ``most`` for which a stem of radius ``r`` stays in the room."""

    def fits(amplitude: float) -> bool:
        return float(room.clearance(line(amplitude)).min()) >= r - 1e-6

    return largest(fits, 0.0, most, 10) or 0.0


def over_and_under(line: Array, crossings: Sequence[tuple[float, float]], reach: float, first_under: bool) -> Array:
    """Heights along a stem that goes under every second of some crossings."""
    height = np.ones(len(line))
    for k, at in enumerate(crossings):
        if (k % 2 == 0) == first_under:
            d = np.hypot(line[:, 0] - at[0], line[:, 1] - at[1]) / reach
            height *= 1.0 - 0.46 * np.clip(1.0 - d, 0.0, 1.0) ** 2 * (3.0 - 2.0 * np.clip(1.0 - d, 0.0, 1.0))
    return height


def along(line: Array, share: Array | float) -> tuple[Array, Array]:
    """Points and directions (degrees) at shares of a polyline's length."""
    share = np.atleast_1d(share)
    points, arc = resample(line, 0.06, np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T)))))
    at = np.clip(share, 0.0, 1.0) * arc[-1]
    u, v = (np.interp(at, arc, points[:, k]) for k in (0, 1))
    du, dv = (np.interp(at, arc, np.gradient(points[:, k], arc)) for k in (0, 1))
    return np.column_stack([u, v]), np.degrees(np.arctan2(dv, du))
